//! Where agents are tried, one episode after the other: what breaks one is a failure of it alone.

use anyhow::{Result, bail};
use overt_learn::ground::{Ending, Ground, GroundError, Limits, Witness};
use overt_learn::{Deed, Policy, Scene};

use crate::desk::{Desk, DeskTask, Tried};
use crate::session::Task;
use crate::stand::{self, Stand, Who};

/// So many episodes one after the other that break before anything is done are no agent's failures.
const UNBEGUN_MAX: usize = 3;

/// A task to be tried. Its place is made when somebody tries, and anew when something broke there.
pub struct Trying<'a> {
    makes: Box<dyn Fn() -> Result<Place<'a>> + 'a>,
    place: Option<Place<'a>>,
    unbegun: Unbegun,
}

/// Episodes, the last ones, in which nothing could be done.
#[derive(Default)]
struct Unbegun(usize);

enum Place<'a> {
    Page { ground: Box<Ground>, name: &'a str },
    Desk { desk: Box<Desk>, task: DeskTask },
}

impl<'a> Trying<'a> {
    /// What there is to act on is told by the page; of our own tasks by the accessibility bus as well.
    pub fn by_the_page(task: Task<'a>) -> Self {
        Self::at(move || match task {
            Task::Page { pages, name, .. } => {
                Ok(Place::Page { ground: Box::new(Ground::new(pages, Limits::default())?), name })
            }
            Task::Desk(task) => Place::desk(task),
        })
    }

    /// It is told by the accessibility bus, as it was to the recorder.
    pub fn by_the_bus(task: Task<'a>) -> Self {
        Self::at(move || match task {
            Task::Page { pages, name, .. } => {
                let at = Stand { desktop: stand::desktop()?, who: Who::Agent };
                let limits = Limits::default();
                let ground = Ground::at(pages, limits, Box::new(move || Ok(Box::new(at.clone()))))?;
                Ok(Place::Page { ground: Box::new(ground), name })
            }
            Task::Desk(task) => Place::desk(task),
        })
    }

    fn at(makes: impl Fn() -> Result<Place<'a>> + 'a) -> Self {
        Self { makes: Box::new(makes), place: None, unbegun: Unbegun::default() }
    }

    /// Lets a policy try once what a seed sets.
    ///
    /// Errors: a desktop or an application does not come up, or in one place after the other nothing can be done. All else is an
    /// ending.
    pub fn attempt(&mut self, seed: u64, policy: &dyn Policy) -> Result<Ending> {
        let mut place = match self.place.take() {
            Some(place) => place,
            None => (self.makes)()?,
        };
        let mut acted = Acted::default();
        let ending = place.attempt(seed, policy, &mut acted)?;
        // What is left of a place where something broke is not to be trusted.
        self.place = Some(place).filter(|_| !is_broken(ending));
        self.unbegun.add(ending, acted.0)?;
        Ok(ending)
    }
}

impl Unbegun {
    /// Errors: with this episode there are too many.
    fn add(&mut self, ending: Ending, acted: bool) -> Result<()> {
        self.0 = if is_broken(ending) && !acted { self.0 + 1 } else { 0 };
        if self.0 == UNBEGUN_MAX {
            bail!(
                "{UNBEGUN_MAX} episodes one after the other broke before anything was done. Look whether the page, the browser and the desktop work."
            );
        }
        Ok(())
    }
}

impl Place<'_> {
    fn desk(task: DeskTask) -> Result<Self> {
        Ok(Self::Desk { desk: Box::new(Desk::start()?), task })
    }

    fn attempt(&mut self, seed: u64, policy: &dyn Policy, witness: &mut Acted) -> Result<Ending> {
        match self {
            Self::Page { ground, name } => Ok(ground.attempt_before(name, seed, policy, witness)?.ending),
            Self::Desk { desk, task } => Ok(ending(desk.attempt_as_far(*task, seed, policy, witness)?)),
        }
    }
}

/// Whether anything was done.
#[derive(Default)]
struct Acted(bool);

impl Witness for Acted {
    fn begins(&mut self, _: &str) -> Result<(), GroundError> {
        Ok(())
    }

    fn does(&mut self, _: &Scene, _: &Deed) -> Result<(), GroundError> {
        self.0 = true;
        Ok(())
    }
}

/// What a model made break, such as by a key that the keyboard has not, is its failure.
fn ending(tried: Result<Tried>) -> Ending {
    match tried {
        Ok(Tried { solved: true, .. }) => Ending::Solved,
        Ok(_) => Ending::Wrong,
        Err(error) => {
            eprintln!("an episode broke: {error:#}");
            Ending::Broken
        }
    }
}

fn is_broken(ending: Ending) -> bool {
    use Ending::{Broken, BrowserEnded, BrowserHung, PageCrashed};
    matches!(ending, PageCrashed | BrowserHung | BrowserEnded | Broken)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use overt_learn::{Decision, Moment};

    use super::*;

    struct Idle;

    impl Policy for Idle {
        fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
            None
        }
    }

    #[test]
    fn so_many_episodes_in_which_nothing_can_be_done_are_an_error_and_no_failures() {
        let mut unbegun = Unbegun::default();
        let mut check = |ending, acted, expected| {
            assert_eq!(unbegun.add(ending, acted).is_ok(), expected, "{ending:?}, {acted}");
        };
        check(Ending::Broken, false, true);
        check(Ending::BrowserHung, false, true);
        check(Ending::Broken, true, true);
        check(Ending::Broken, false, true);
        check(Ending::NoDecision, false, true);
        check(Ending::PageCrashed, false, true);
        check(Ending::BrowserEnded, false, true);
        check(Ending::Broken, false, false);
    }

    /// A folder that looks like MiniWoB++'s, and pages for which no browser comes up.
    fn without_browsers(html: &Path) -> Result<Place<'static>> {
        let ground = Ground::at(html, Limits::default(), Box::new(|| Err(GroundError::Display)))?;
        Ok(Place::Page { ground: Box::new(ground), name: "a-task" })
    }

    #[test]
    fn where_no_browser_comes_up_is_an_error() {
        let html = tempfile::tempdir().expect("a folder");
        for name in ["core/core.js", "miniwob/a-task.html"] {
            let path = html.path().join(name);
            fs::create_dir(path.parent().expect("a folder")).expect("it is made");
            fs::write(path, "").expect("it is written");
        }
        assert!(Trying::at(|| without_browsers(html.path())).attempt(0, &Idle).is_err());
    }

    #[test]
    fn a_place_that_does_not_come_up_is_an_error() {
        let mut trying = Trying::at(|| bail!("There is no display. Start one."));
        assert!(trying.attempt(0, &Idle).is_err());
    }
}
