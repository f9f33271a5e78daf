//! Days at which recording costs this and that, second by second.

use proptest::prelude::*;

use super::*;

const ON_CHANGE: Cadence = Cadence::OnChange { frames_per_sec: 8 };
const BATTERY: PaceChange = PaceChange { pace: Pace::Held, why: PaceReason::Battery };

fn budget(cpu_percent: u32) -> Budget {
    Budget { cpu_percent, mb_per_day: 100, ..Budget::default() }
}

/// A keeper, its clock and its processor.
struct Day {
    keeper: BudgetKeeper,
    reading: Reading,
    secs: u64,
    told: Vec<(u64, PaceChange)>,
}

impl Day {
    fn new(budget: Budget, cadence: Cadence) -> Self {
        // No clock begins at 0, and no process without having run.
        let reading = Reading { cpu_nanos: 3 * NANOS_PER_SEC, ..Reading::default() };
        let keeper = BudgetKeeper::new(budget, cadence, reading.cpu_nanos, at(0));
        Self { keeper, reading, secs: 0, told: Vec::new() }
    }

    /// A second in which so much of a core was used.
    fn second(&mut self, percent: u64) {
        self.secs += 1;
        self.reading.cpu_nanos += percent * NANOS_PER_SEC / 100;
        if let Some(change) = self.keeper.assess(&self.reading, at(self.secs)) {
            self.told.push((self.secs, change));
        }
    }

    fn seconds(&mut self, count: u64, percent: u64) {
        (0..count).for_each(|_| self.second(percent));
    }

    fn paces(&self) -> Vec<(u64, Pace)> {
        self.told.iter().map(|(secs, change)| (*secs, change.pace)).collect()
    }
}

fn at(secs: u64) -> MonoNanos {
    MonoNanos::from_millis((1_000 + secs) * 1_000)
}

fn slow(frames_per_sec: u32) -> Pace {
    Pace::Slow { frames_per_sec }
}

#[test]
fn a_costly_recorder_comes_down_step_by_step_and_is_held_within_a_minute() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    day.seconds(120, 100);
    let expected = [(13, slow(4)), (25, slow(2)), (37, slow(1)), (49, Pace::AroundInputs), (61, Pace::Held)];
    assert_eq!(day.paces(), expected, "a fifth of a minute is used up after 12 s");
    assert!(day.told.iter().all(|(_, change)| change.why == PaceReason::Processor));
}

#[test]
fn what_helps_enough_is_enough() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    day.seconds(45, 30);
    day.seconds(100, 15);
    assert_eq!(day.paces(), [(41, slow(4))], "what was used before the change counts no second time");
}

#[test]
fn a_burst_within_the_budget_of_a_minute_changes_nothing() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    for _ in 0..10 {
        day.seconds(10, 100);
        day.seconds(55, 2);
    }
    assert_eq!(day.paces(), []);
}

#[test]
fn a_cheap_minute_brings_one_pace_back_and_a_relapse_doubles_the_wait() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    let cost = |pace: Pace| if pace == Pace::Full { 40 } else { 5 };
    (0..700).for_each(|_| day.second(cost(day.keeper.pace().pace)));
    let down: Vec<u64> = day.told.iter().filter(|(_, c)| c.pace == slow(4)).map(|(secs, _)| *secs).collect();
    let up: Vec<u64> = day.told.iter().filter(|(_, c)| c.pace == Pace::Full).map(|(secs, _)| *secs).collect();
    let waits: Vec<u64> = down.iter().zip(&up).map(|(down, up)| up - down).collect();
    assert!(waits.is_sorted() && waits.len() >= 2, "{waits:?}");
    assert!(waits[0] >= WAIT_SECS_MIN && waits[1] >= 2 * WAIT_SECS_MIN, "{waits:?}");
    assert!(day.told.iter().all(|(_, c)| c.why == PaceReason::Processor || *c == PaceChange::FULL));
}

#[test]
fn the_battery_holds_at_once_and_lets_go_when_it_is_off_for_a_while() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    day.seconds(5, 1);
    day.reading.on_battery = true;
    day.seconds(30, 1);
    // A loose plug is no reason to begin again.
    for on_battery in [false, true, false] {
        day.reading.on_battery = on_battery;
        day.seconds(3, 1);
    }
    day.seconds(30, 1);
    assert_eq!(day.told, [(6, BATTERY), (51, PaceChange::FULL)]);
}

#[test]
fn what_the_agreement_allows_holds_nothing() {
    let allowing = Budget { on_battery: true, on_metered: true, ..budget(20) };
    let mut day = Day::new(allowing, ON_CHANGE);
    (day.reading.on_battery, day.reading.metered) = (true, true);
    day.seconds(30, 1);
    assert_eq!(day.told, []);
}

#[test]
fn of_two_reasons_the_one_that_lasts_is_told_when_the_other_ends() {
    let mut day = Day::new(budget(20), ON_CHANGE);
    (day.reading.on_battery, day.reading.metered) = (true, true);
    day.seconds(1, 1);
    day.reading.on_battery = false;
    day.seconds(20, 1);
    let metered = PaceChange { why: PaceReason::Metered, ..BATTERY };
    assert_eq!(day.told, [(1, BATTERY), (11, metered)]);
}

#[test]
fn the_last_fifth_of_the_days_bytes_is_written_more_slowly_and_then_nothing() {
    let check = |bytes, expected| {
        let mut day = Day::new(budget(20), ON_CHANGE);
        day.reading.day_bytes = bytes;
        day.second(1);
        assert_eq!(day.keeper.pace().pace, expected, "{bytes}");
    };
    check(0, Pace::Full);
    check(79_999_999, Pace::Full);
    check(80_000_000, slow(4));
    check(85_000_000, slow(2));
    check(90_000_000, slow(1));
    check(99_999_999, Pace::AroundInputs);
    check(100_000_000, Pace::Held);
    check(u64::MAX, Pace::Held);
}

#[test]
fn another_day_has_a_budget_of_its_own() {
    let mut day = Day::new(budget(20), Cadence::OnAction);
    day.reading.day_bytes = 100_000_000;
    day.second(1);
    day.reading.day_bytes = 0;
    day.second(1);
    let held = PaceChange { pace: Pace::Held, why: PaceReason::DayVolume };
    assert_eq!(day.told, [(1, held), (2, PaceChange::FULL)]);
}

#[test]
fn whoever_asks_more_often_gets_the_same_answers() {
    let mut often = BudgetKeeper::new(budget(20), ON_CHANGE, 0, at(0));
    let mut told = Vec::new();
    for tick in 1..=1_200_u64 {
        let now = MonoNanos(at(0).0 + tick * NANOS_PER_SEC / 20);
        let reading = Reading { cpu_nanos: tick * NANOS_PER_SEC / 20, ..Reading::default() };
        told.extend(often.assess(&reading, now).map(|change| (tick / 20, change.pace)));
    }
    let expected = [(12, slow(4)), (24, slow(2)), (36, slow(1)), (48, Pace::AroundInputs)];
    assert_eq!(told[..4], expected);
    assert!(often.processor.readings.len() <= READINGS_MAX);
}

/// What each pace costs, percent of a core: less is taken at each, and next to nothing when it is held.
fn costs() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0_u64..400, 5).prop_map(|mut costs| {
        costs.sort_unstable_by(|a, b| b.cmp(a));
        costs.push(0);
        costs
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_minute_is_never_over_the_budget_for_longer_than_it_takes_to_come_down_and_to_fade(
        percent in 1_u32..=100, costs in costs(),
    ) {
        let mut day = Day::new(budget(percent), ON_CHANGE);
        let ladder = ladder(ON_CHANGE);
        let mut minute = VecDeque::new();
        let mut over_secs = 0;
        for _ in 0..3_600 {
            let pace = day.keeper.pace().pace;
            let cost = costs[ladder.iter().position(|p| *p == pace).expect("it is of the ladder")];
            day.second(cost);
            minute.push_back(cost);
            if minute.len() > WINDOW_SECS as usize {
                minute.pop_front();
            }
            let over = minute.iter().sum::<u64>() > u64::from(percent) * WINDOW_SECS;
            over_secs = if over { over_secs + 1 } else { 0 };
            prop_assert!(over_secs <= 2 * WINDOW_SECS + 2, "{over_secs} s over the budget");
        }
        prop_assert!(day.told.windows(2).all(|w| w[0].1 != w[1].1), "each change is told once");
        let place = |told: &(u64, PaceChange)| ladder.iter().position(|p| *p == told.1.pace).unwrap_or(usize::MAX);
        prop_assert!(
            day.told.windows(2).all(|w| place(&w[0]).abs_diff(place(&w[1])) == 1),
            "one pace at a time, and held last"
        );
        day.seconds(ladder.len() as u64 * (WAIT_SECS_MAX + WINDOW_SECS), 0);
        prop_assert_eq!(day.keeper.pace(), PaceChange::FULL, "it recovers");
    }

    #[test]
    fn on_the_battery_or_a_metered_network_nothing_is_taken_from_the_first_reading_on(
        signs in prop::collection::vec((any::<bool>(), any::<bool>()), 1..300), percent in 1_u32..=100,
    ) {
        let mut day = Day::new(budget(percent), ON_CHANGE);
        let mut quiet_secs = u64::MAX;
        for (on_battery, metered) in signs {
            (day.reading.on_battery, day.reading.metered) = (on_battery, metered);
            day.second(0);
            quiet_secs = if on_battery || metered { 0 } else { quiet_secs.saturating_add(1) };
            prop_assert_eq!(day.keeper.pace().pace == Pace::Held, quiet_secs < QUIET_SECS);
        }
    }
}
