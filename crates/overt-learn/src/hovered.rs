//! The frame before a press shows what the pointer does by being there: a button that lights up under it tells which one was
//! pressed, and nobody who decides what to press has seen that.

use overt_dataset::StepRow;
use overt_event::Point;

use crate::appearance::Picture;
use crate::error::LearnError;
use crate::scene::Scene;

/// What was seen once a step was done, before the pointer set out for the next one.
pub(crate) struct Earlier {
    recording: String,
    episode: i32,
    monitor: i32,
    picture: Picture,
    /// Where the pointer was left.
    at: Option<Point>,
}

impl Earlier {
    /// Takes the picture after a step; `None` where there is none of a screen that stood still.
    ///
    /// Errors: [`LearnError::Picture`].
    pub(crate) fn taken_from(step: &mut StepRow) -> Result<Option<Self>, LearnError> {
        let Some(png) = step.image_after.take().filter(|_| step.frame_after_timed_out != Some(true)) else {
            return Ok(None);
        };
        let (recording, episode, monitor) = (step.recording.clone(), step.episode, step.monitor);
        let at = step.path.last().copied().or(step.at());
        Ok(Some(Self { recording, episode, monitor, picture: Picture::of_png(&png)?, at }))
    }

    /// The scene of the next step with what the pointer is on, and what it was on, as they looked earlier. It stays as it is where something
    /// else changed meanwhile: beside the element that was acted on, or, where nothing lies beside it, anywhere.
    pub(crate) fn without_hover(&self, step: &StepRow, scene: Scene) -> Scene {
        let known =
            (&step.recording, step.episode, step.monitor) == (&self.recording, self.episode, self.monitor);
        let Some((at, on)) = step.at().filter(|_| known).and_then(|at| Some((at, scene.at(at)?))) else {
            return scene;
        };
        let earlier = scene.clone().seen_in(Some(&self.picture));
        let met = |i: usize| {
            let bounds = scene.nodes()[i].bounds;
            bounds.contains(at) || self.at.is_some_and(|left| bounds.contains(left))
        };
        let others = || (0..scene.nodes().len()).filter(|i| !met(*i) && scene.appearance(*i).is_some());
        let beside: Vec<usize> = others().filter(|i| scene.parent(*i) == scene.parent(on)).collect();
        let watched = if beside.is_empty() { others().collect() } else { beside };
        let same = |i: &usize| {
            scene.appearance(*i).zip(earlier.appearance(*i)).is_some_and(|(now, then)| now.is_like(then))
        };
        if watched.is_empty() || !watched.iter().all(same) {
            return scene;
        }
        let looks = (0..scene.nodes().len()).map(|i| {
            let look = if met(i) { earlier.appearance(i) } else { None };
            look.or(scene.appearance(i)).cloned()
        });
        let looks = looks.collect();
        scene.with_appearances(looks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::{Node, Rect};

    const GREY: [u8; 3] = [239; 3];
    const LIT: [u8; 3] = [200; 3];
    const BLUE: [u8; 3] = [40, 60, 200];

    /// Three boxes in a row, each of one colour on white: `colours` from left to right.
    fn picture(colours: [[u8; 3]; 3]) -> Picture {
        let pixel = |at: usize| {
            let (x, y) = (at % 90, at / 90);
            let inside = (10..30).contains(&y) && (5..25).contains(&(x % 30));
            if inside { colours[x / 30] } else { [255; 3] }
        };
        let rgb = (0..90 * 40).flat_map(pixel).collect();
        Picture::new(Rect { x: 0, y: 0, w: 90, h: 40 }, rgb).expect("as many bytes as pixels")
    }

    fn boxes() -> Scene {
        let node = |x| Node {
            role: "push button".into(),
            bounds: Rect { x, y: 10, w: 20, h: 20 },
            ..Node::default()
        };
        Scene::new(vec![node(5), node(35), node(65)])
    }

    fn earlier(colours: [[u8; 3]; 3], at: Option<Point>) -> Earlier {
        let picture = picture(colours);
        Earlier { recording: "one".into(), episode: 1, monitor: 0, picture, at }
    }

    fn press(x: i32) -> StepRow {
        let mut step = StepRow::default();
        (step.recording, step.episode) = ("one".to_owned(), 1);
        (step.x, step.y) = (Some(x), Some(20));
        step
    }

    /// The boxes' colours for who learns from the step, whose frame showed the ones of `now`.
    fn seen(earlier: &Earlier, step: &StepRow, now: [[u8; 3]; 3]) -> Vec<[u8; 3]> {
        let scene = earlier.without_hover(step, boxes().seen_in(Some(&picture(now))));
        (0..3).map(|i| scene.appearance(i).expect("it is seen").colour).collect()
    }

    #[test]
    fn what_lights_up_under_the_pointer_is_seen_as_before_it_came() {
        let before = earlier([GREY, GREY, BLUE], None);
        assert_eq!(seen(&before, &press(15), [LIT, GREY, BLUE]), [GREY, GREY, BLUE]);
        // Who acts still has the pointer on what was done last.
        let left = earlier([LIT, GREY, BLUE], Some(Point { x: 15, y: 20 }));
        assert_eq!(seen(&left, &press(45), [GREY, LIT, BLUE]), [LIT, GREY, BLUE]);
    }

    #[test]
    fn where_something_else_changed_meanwhile_the_frame_before_the_step_counts() {
        let before = earlier([GREY, GREY, GREY], None);
        assert_eq!(seen(&before, &press(15), [LIT, GREY, BLUE]), [LIT, GREY, BLUE]);
    }

    #[test]
    fn what_was_seen_in_another_episode_or_on_another_monitor_or_without_a_pointer_tells_nothing() {
        let before = earlier([GREY, GREY, BLUE], None);
        let mut others = vec![press(15); 4];
        others[0].episode = 2;
        others[1].recording = "two".into();
        others[2].monitor = 1;
        others[3].x = None;
        for step in others {
            assert_eq!(seen(&before, &step, [LIT, GREY, BLUE]), [LIT, GREY, BLUE]);
        }
    }

    #[test]
    fn a_screen_that_never_stood_still_is_no_earlier_one() {
        assert!(matches!(Earlier::taken_from(&mut press(15)), Ok(None)));
        let mut step = press(15);
        (step.image_after, step.frame_after_timed_out) = (Some(vec![0]), Some(true));
        assert!(matches!(Earlier::taken_from(&mut step), Ok(None)));
        (step.image_after, step.frame_after_timed_out) = (Some(vec![0]), Some(false));
        assert!(matches!(Earlier::taken_from(&mut step), Err(LearnError::Picture)));
    }
}
