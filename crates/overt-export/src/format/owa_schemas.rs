//! The registered types of OWA's desktop messages, as far as they are written (owa-msgs 0.6).

use serde_json::{Value, json};

pub(super) const KEYBOARD: &str = "desktop/KeyboardEvent";
pub(super) const MOUSE: &str = "desktop/MouseEvent";
pub(super) const SCREEN: &str = "desktop/ScreenCaptured";
pub(super) const WINDOW: &str = "desktop/WindowInfo";

/// The JSON schema of a type.
pub(super) fn schema(name: &str) -> Value {
    let (properties, required) = match name {
        KEYBOARD => (
            json!({"event_type": {"enum": ["press", "release"], "type": "string"}, "vk": {"type": "integer"}}),
            json!(["event_type", "vk"]),
        ),
        MOUSE => (
            json!({
                "event_type": {"enum": ["move", "click", "scroll"], "type": "string"},
                "x": {"type": "integer"},
                "y": {"type": "integer"},
                "button": {"enum": ["unknown", "left", "middle", "right", "x1", "x2"], "type": "string"},
                "pressed": {"type": "boolean"},
                "dx": {"type": "integer"},
                "dy": {"type": "integer"},
            }),
            json!(["event_type", "x", "y"]),
        ),
        SCREEN => (
            json!({
                "utc_ns": {"type": "integer"},
                "source_shape": pair(),
                "shape": pair(),
                "media_ref": {"type": "object", "properties": {
                    "uri": {"type": "string"},
                    "pts_ns": {"type": "integer"},
                }},
            }),
            json!([]),
        ),
        _ => (
            json!({
                "title": {"type": "string"},
                "rect": {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
                "hWnd": {"type": "integer"},
            }),
            json!(["title", "rect", "hWnd"]),
        ),
    };
    let title = name.rsplit('/').next().unwrap_or(name);
    json!({"title": title, "type": "object", "properties": properties, "required": required})
}

fn pair() -> Value {
    json!({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2})
}
