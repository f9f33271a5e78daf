//! The verdict against a second model that is written the other way round: begin with all that is
//! recorded anywhere, and strike out.

mod support;

use overt_agreement::{
    Browsing, Exemption, ExemptionReason, ExemptionRequest, Focus, Layer, LayerOf, Lock, Question, Site,
    Terms,
};
use overt_event::{AppIdentity, Day, Level, Verdict, WallTime, WindowKind};
use support::{Rng, TODAY, consent, key, text, verified};

const WORLDS: u64 = 4_000;
const ASKED_IN_EACH: usize = 250;

const HOSTS: [&str; 4] = ["a.example", "b.a.example", "c.b.a.example", "d.example"];
const ASKED_HOSTS: [&str; 7] =
    ["a.example", "x.a.example", "b.a.example", "y.b.a.example", "c.b.a.example", "z.d.example", ""];
const LEVELS: [Level; 3] = [Level::Structure, Level::Masked, Level::Full];

/// A site's host and level; `None`: nothing.
type SiteLevel = (&'static str, Option<Level>);

/// An application as the model keeps it.
#[derive(Clone, Debug)]
struct App {
    exe: usize,
    class: usize,
    agreed: Level,
    desktop: bool,
    dock: bool,
    sites: Vec<SiteLevel>,
    consented: Option<Level>,
    /// What each layer leaves of it; `None`: nothing.
    layers: Vec<Option<Level>>,
}

/// Everything a verdict follows from, but the question.
#[derive(Clone, Debug)]
struct World {
    apps: Vec<App>,
    no_site: Option<&'static str>,
    /// Quiet from this hour to the next, each day, in UTC.
    quiet_hour: Option<u32>,
    exempt: Option<(Day, Day)>,
}

fn world(rng: &mut Rng) -> World {
    let mut pairs: Vec<(usize, usize)> = (0..3).flat_map(|e| (0..3).map(move |c| (e, c))).collect();
    let layers = rng.below(3);
    let apps = (0..1 + rng.below(4)).map(|_| {
        let (exe, class) = pairs.swap_remove(rng.below(pairs.len()));
        let mut hosts = HOSTS.to_vec();
        let sites = (0..rng.below(6).saturating_sub(2)).map(|_| {
            let host = hosts.swap_remove(rng.below(hosts.len()));
            (host, rng.one(&[None, Some(Level::Structure), Some(Level::Masked), Some(Level::Full)]))
        });
        let sites = sites.collect();
        App {
            exe,
            class,
            agreed: rng.one(&LEVELS),
            desktop: rng.chance(2),
            dock: rng.chance(2),
            sites,
            consented: (!rng.chance(4)).then(|| rng.one(&LEVELS)),
            layers: (0..layers).map(|_| (!rng.chance(6)).then(|| rng.one(&LEVELS))).collect(),
        }
    });
    let mut apps: Vec<App> = apps.collect();
    // Terms without any application cannot be made.
    apps[0].consented = apps[0].consented.or(Some(Level::Full));
    apps[0].layers.iter_mut().for_each(|l| *l = l.or(Some(Level::Structure)));
    World {
        apps,
        no_site: rng.chance(5).then(|| rng.one(&HOSTS)),
        quiet_hour: rng.chance(3).then(|| rng.below(24) as u32),
        exempt: rng.chance(4).then(|| (TODAY, Day(TODAY.0 + rng.below(10) as i32))),
    }
}

fn word(level: Option<Level>) -> &'static str {
    match level {
        None => "none",
        Some(Level::Structure) => "structure",
        Some(Level::Masked) => "masked",
        Some(Level::Full) => "full",
    }
}

/// The same world through the texts that people write.
fn terms(world: &World) -> Terms {
    let key = key();
    let whole = text(&key);
    let mut written = whole[..whole.find("[[applications]]").expect("it names some")].to_owned();
    for (i, app) in world.apps.iter().enumerate() {
        let kinds = [("desktop", app.desktop), ("dock", app.dock)];
        let kinds: Vec<_> = kinds.iter().filter(|(_, on)| *on).map(|(k, _)| *k).collect();
        let site =
            |(host, level): &SiteLevel| format!("{{ host = \"{host}\", level = \"{}\" }}", word(*level));
        let sites: Vec<String> = app.sites.iter().map(site).collect();
        written += &format!(
            "[[applications]]\nname = \"a{i}\"\nexe = [\"/e{}\"]\nclass = [\"c{}\"]\nlevel = \"{}\"\nkinds = {kinds:?}\nsites = [{}]\n",
            app.exe,
            app.class,
            word(Some(app.agreed)),
            sites.join(", ")
        );
    }
    let agreement = verified(&written, &key);
    let names: Vec<String> = (0..world.apps.len()).map(|i| format!("a{i}")).collect();
    let apps = names.iter().zip(&world.apps);
    let given: Vec<_> = apps.filter_map(|(n, a)| a.consented.map(|l| (n.as_str(), l))).collect();
    let consent = consent(&agreement, &given);
    let digest = agreement.digest();
    let morning = WallTime(i64::from(TODAY.0) * 86_400);
    let made = Terms::layered(agreement, consent, layers(world), morning).expect("they are in force");
    let Some((asked, until)) = world.exempt else { return made };
    let reason = ExemptionReason::NoReason;
    made.exempted(&Exemption::ask(ExemptionRequest {
        agreement: digest,
        asked,
        reason,
        until: Some(until),
        appeal: false,
    }))
}

fn layers(world: &World) -> Vec<Layer> {
    let of = [LayerOf::Party, LayerOf::Employer];
    let mut out: Vec<Layer> = Vec::new();
    for (i, of) in of.into_iter().enumerate().take(world.apps[0].layers.len()) {
        let line = |(n, a): (usize, &App)| format!("a{n} = \"{}\"\n", word(a.layers[i]));
        let lines: String = world.apps.iter().enumerate().map(line).collect();
        out.push(Layer::parse(of, &format!("[applications]\n{lines}")).expect("it reads"));
    }
    if let Some(host) = world.no_site {
        out.push(Layer::parse(LayerOf::Person, &format!("no_sites = [\"{host}\"]\n")).expect("it reads"));
    }
    if let Some(hour) = world.quiet_hour {
        let days = "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
        let hours = format!("{{ days = {days}, from = \"{hour:02}:00\", to = \"{:02}:00\" }}", hour + 1);
        let text = format!("time_zone = \"UTC\"\nquiet_hours = [{hours}]\n");
        out.push(Layer::parse(LayerOf::Person, &text).expect("it reads"));
    }
    out
}

/// One question, as plain values.
#[derive(Clone, Debug)]
struct Asked {
    exe: Option<usize>,
    class: Option<usize>,
    kind: WindowKind,
    own: bool,
    site: Site<'static>,
    browsing: Browsing,
    focus: Focus,
    lock: Lock,
    paused: bool,
    now: WallTime,
}

/// Mostly what can be recorded, so that the rare reasons are met too.
fn asked(rng: &mut Rng, world: &World) -> Asked {
    use WindowKind::{Desktop, Dialog, Dock, Normal, Popup, Unknown};
    let app = rng.below(world.apps.len());
    let (exe, class) = (world.apps[app].exe, world.apps[app].class);
    let host = Site::Host(rng.one(&ASKED_HOSTS));
    let unlikely = |rng: &mut Rng| rng.chance(12);
    Asked {
        exe: if unlikely(rng) {
            None
        } else if unlikely(rng) {
            Some(rng.below(4))
        } else {
            Some(exe)
        },
        class: if rng.chance(6) {
            None
        } else if unlikely(rng) {
            Some(rng.below(4))
        } else {
            Some(class)
        },
        kind: rng.one(&[Normal, Normal, Dialog, Popup, Popup, Dock, Desktop, Unknown]),
        own: unlikely(rng),
        site: rng.one(&[host, host, host, Site::Unknown, Site::NoDocument]),
        browsing: rng.one(&[
            Browsing::Ordinary,
            Browsing::Ordinary,
            Browsing::Ordinary,
            Browsing::Unknown,
            Browsing::Private,
        ]),
        focus: rng.one(&[Focus::NotAsked, Focus::NotAsked, Focus::Other, Focus::Unknown, Focus::Password]),
        lock: if unlikely(rng) { rng.one(&[Lock::Unknown, Lock::Locked]) } else { Lock::Open },
        paused: unlikely(rng),
        now: WallTime(i64::from(TODAY.0) * 86_400 + rng.below(45 * 86_400) as i64 - 86_400),
    }
}

/// Begins with all applications and strikes out; what is left is recorded, at the lowest level.
fn naive(world: &World, q: &Asked) -> Option<Level> {
    let day = q.now.day();
    let hour = q.now.0.rem_euclid(86_400) / 3_600;
    let mut nothing = q.own || q.paused || q.lock == Lock::Locked || q.lock == Lock::Unknown;
    nothing |= q.browsing == Browsing::Private;
    nothing |= q.focus == Focus::Password || q.focus == Focus::Unknown;
    nothing |= day < TODAY || day > Day(20_818);
    nothing |= world.exempt.is_some_and(|(from, to)| day >= from && day <= to);
    nothing |= world.quiet_hour.is_some_and(|h| i64::from(h) == hour);
    if nothing {
        return None;
    }
    let mut fits = world.apps.clone();
    fits.retain(|a| Some(a.exe) == q.exe);
    fits.retain(|a| Some(a.class) == q.class || (q.class.is_none() && q.kind == WindowKind::Popup));
    fits.retain(|a| q.kind != WindowKind::Desktop || a.desktop);
    fits.retain(|a| q.kind != WindowKind::Dock || a.dock);
    let levels: Option<Vec<Level>> = fits.iter().map(|a| naive_level(world, q, a)).collect();
    levels?.into_iter().min()
}

fn naive_level(world: &World, q: &Asked, app: &App) -> Option<Level> {
    let below = |host: &str, site: &str| host == site || host.ends_with(&format!(".{site}"));
    let mut all = vec![Some(app.agreed), app.consented];
    all.extend(app.layers.iter().copied());
    if !app.sites.is_empty() || world.no_site.is_some() {
        match (q.site, q.browsing) {
            (Site::NoDocument, _) => all.push(if app.sites.is_empty() { Some(Level::Full) } else { None }),
            (Site::Host(host), Browsing::Ordinary) => {
                let rules = app.sites.iter().filter(|(site, _)| below(host, site));
                let rules: Vec<Option<Level>> = rules.map(|(_, level)| *level).collect();
                all.push((app.sites.is_empty() || !rules.is_empty()).then_some(Level::Full));
                all.extend(rules);
                all.push((!world.no_site.is_some_and(|site| below(host, site))).then_some(Level::Full));
            }
            _ => all.push(None),
        }
    }
    all.into_iter().collect::<Option<Vec<Level>>>()?.into_iter().min()
}

/// Half a million questions each, so that both halves of a million run beside each other.
#[test]
fn on_the_first_half_of_a_million_questions() {
    check(0..WORLDS / 2);
}

#[test]
fn on_the_second_half_of_a_million_questions() {
    check(WORLDS / 2..WORLDS);
}

fn check(seeds: std::ops::Range<u64>) {
    let all = (seeds.end - seeds.start) * ASKED_IN_EACH as u64;
    assert_eq!(2 * all, 1_000_000);
    let mut allowed = 0;
    for seed in seeds {
        let mut rng = Rng(seed);
        let world = world(&mut rng);
        let terms = terms(&world);
        for _ in 0..ASKED_IN_EACH {
            let q = asked(&mut rng, &world);
            let app =
                AppIdentity { exe: q.exe.map(|e| format!("/e{e}")), class: q.class.map(|c| format!("c{c}")) };
            let Asked { kind, own, site, browsing, focus, lock, paused, now, .. } = q.clone();
            let question = Question { app: &app, kind, own, site, browsing, focus, lock, paused };
            let got = match terms.decide(&question, now) {
                Verdict::Allow { level, .. } => Some(level),
                Verdict::Deny { .. } => None,
            };
            assert_eq!(got, naive(&world, &q), "seed {seed}: {world:?} {q:?}");
            allowed += u64::from(got.is_some());
        }
    }
    assert!(allowed * 20 > all, "both answers are met often: {allowed} of {all} are allowed");
}
