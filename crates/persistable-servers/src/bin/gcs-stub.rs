//! Runs the stub of Google Cloud Storage, and prints its URL. It runs until it is ended.

fn main() {
    println!("{}", persistable_servers::google::start());
    loop {
        std::thread::park();
    }
}
