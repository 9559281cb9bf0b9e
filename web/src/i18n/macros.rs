//! The macro behind `texts/`.

/// Declares texts: `key => En "…";`, `key(name: &str) => En "Hello {name}";`, and for counted ones
/// `key(n: i32) => En [n; one "{n} day", other "{n} days"];`.
macro_rules! texts {
    () => {};
    ($key:ident => $($lang:ident $text:literal),+ ; $($rest:tt)*) => {
        #[must_use]
        pub fn $key() -> &'static str {
            match $crate::i18n::lang() { $($crate::i18n::Lang::$lang => $text),+ }
        }
        texts! { $($rest)* }
    };
    ($key:ident ($($arg:ident : $ty:ty),+) => $($lang:ident $text:tt),+ ; $($rest:tt)*) => {
        #[must_use]
        pub fn $key($($arg: $ty),+) -> String {
            match $crate::i18n::lang() { $($crate::i18n::Lang::$lang => text_body!($text)),+ }
        }
        texts! { $($rest)* }
    };
}

/// One language's text of a key with parameters.
macro_rules! text_body {
    ($text:literal) => {
        format!($text)
    };
    ([$count:ident; one $one:literal, other $other:literal]) => {
        match $crate::i18n::plural($count) {
            $crate::i18n::Plural::One => format!($one),
            $crate::i18n::Plural::Other => format!($other),
        }
    };
}
