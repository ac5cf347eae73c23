//! Runs the stub of Google Cloud Storage, and prints its URL. It runs until it is ended.

#[allow(clippy::print_stdout, reason = "the script that starts it reads the URL")]
fn main() {
    println!("{}", persistable_servers::google::start());
    loop {
        std::thread::park();
    }
}
