//! Web pages whose places cannot be believed.
//!
//! Chromium 156 under `--force-device-scale-factor=2` multiplies the places within a page once too often: the
//! document of a window of 1280x900 pixels says 2560x1800, and its hit test answers for another place.
//! Pixels are let through by these places, so a page like that has none.

use atspi::Role;
use overt_event::Rect;

use crate::see::Seen;

/// Whether a page says to be larger than the view that shows it, in both directions and by more than a
/// thirty-second part. A page is as large as what is seen of it.
pub(crate) fn is_misplaced(page: Rect, view: Rect) -> bool {
    let larger = |page: i32, view: i32| i64::from(page) > i64::from(view) + i64::from(view / 32);
    !view.is_empty() && larger(page.w, view.w) && larger(page.h, view.h)
}

/// Whether the innermost of these objects lies in a misplaced page.
///
/// Order: innermost first.
pub(crate) fn lies_in_misplaced_page(innermost_first: &[&Seen]) -> bool {
    let page = innermost_first.iter().rposition(|seen| seen.role == Role::DocumentWeb);
    let Some(page) = page else { return false };
    let view = innermost_first.get(page + 1);
    view.is_some_and(|view| is_misplaced(innermost_first[page].bounds, view.bounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_larger_than_its_view_is_misplaced() {
        let rect = |w, h| Rect { x: 0, y: 0, w, h };
        let view = rect(1280, 900);
        let check = |page, expected| assert_eq!(is_misplaced(page, view), expected);
        check(rect(1271, 808), false);
        check(view, false);
        check(rect(1280, 4000), false);
        check(rect(1408, 990), true);
        check(rect(2560, 1800), true);
        assert!(!is_misplaced(view, Rect::default()));
    }
}
