//! How Chromium is started where its pages are read.

/// Keeps its window still, its pages at one size, and itself off the network. Its accessibility, its profile and
/// its window are for whoever starts it.
pub const CHROMIUM_SWITCHES: [&str; 14] = [
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-features=Translate,PasswordManagerOnboarding,AutofillServerCommunication,MediaRouter",
    "--disable-gpu",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-save-password-bubble",
    "--disable-session-crashed-bubble",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--no-first-run",
    "--ozone-platform=x11",
    "--password-store=basic",
];

/// What root needs besides: Chromium's sandbox refuses root, and the test type keeps it from complaining on the
/// screen.
pub const CHROMIUM_AS_ROOT: [&str; 2] = ["--no-sandbox", "--test-type"];

/// Opens its pages to the accessibility bus.
pub const CHROMIUM_ACCESSIBLE: &str = "--force-renderer-accessibility";
