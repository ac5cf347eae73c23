pub(crate) fn start() -> String {
    "http://127.0.0.1:1".into()
}
