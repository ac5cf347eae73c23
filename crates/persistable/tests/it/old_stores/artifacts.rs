//! What is in the old stores. What is here stays as it is; there can only be more.

use std::fmt::Debug;
use std::marker::PhantomData;

use persistable::io::{self, PayloadIo};
use persistable::{
    Builder, Origin, Persistable, PersistableParams, Run, SigningKey, Step, StepResult, Store, Untracked,
};

use super::kinds::{EveryKind, Evolved};
use super::own_formats::{Folder, Texts, Unpickler};
use super::{graph, payloads};

/// Where an artifact is: in the folders of both languages, or in that of Rust.
#[derive(Clone, Copy, PartialEq)]
pub enum In {
    Both,
    Rust,
}

/// The replacing of these ended before, and after, the payload took its place. Their manifests name both payloads.
pub const CUT_BEFORE: &str = "cut_before";
pub const CUT_AFTER: &str = "cut_after";

/// Everything that Rust reads, opened in a store.
pub fn all(store: &Store) -> Vec<(In, Box<dyn Artifact>)> {
    vec![
        (In::Both, given::<_, io::Bytes>(store, "bytes", || (0..=u8::MAX).collect::<Vec<u8>>())),
        (In::Both, given::<_, io::Text>(store, "text", || "naïve 𝄞\r\nsecond\n\nlast \0".to_owned())),
        (In::Both, given::<_, io::Json>(store, "json", payloads::tree)),
        (In::Both, given::<_, io::MessagePack>(store, "message_pack", payloads::tree)),
        (In::Both, given::<_, io::Npy>(store, "npy", payloads::matrix)),
        (In::Both, given::<_, io::Npy>(store, "npy_in_fortran_order", payloads::columns)),
        (In::Both, given::<_, io::Csv>(store, "csv", payloads::rows)),
        (In::Both, given::<_, io::Avro>(store, "avro", payloads::readings)),
        (In::Both, given::<_, io::ArrowIpc>(store, "arrow", payloads::batch)),
        (In::Both, given::<_, io::Parquet>(store, "parquet", payloads::batch)),
        (In::Both, given::<_, io::Zstd<io::Json>>(store, "json_zstd", payloads::tree)),
        (In::Both, folder(store, "folder", "a text")),
        (In::Rust, Box::new(running_code().signing_key(signing_key()).open(store).unwrap())),
        (In::Both, open(store, Persistable::builder(EveryKind::example()))),
        (In::Both, open(store, Persistable::builder(Evolved::example()))),
        (In::Both, Box::new(graph::numbers(store, 1))),
        (In::Both, Box::new(graph::numbers(store, 2))),
        (In::Both, Box::new(graph::numbers(store, 3))),
        (In::Both, Box::new(graph::total(store))),
        (In::Both, Box::new(graph::between(store))),
        (In::Both, text(store, "replaced", "after")),
        (In::Rust, folder(store, "replaced_without_exchange", "after")),
        (In::Rust, text(store, CUT_BEFORE, "before")),
        (In::Rust, text(store, CUT_AFTER, "after")),
    ]
}

pub fn text(store: &Store, name: &str, text: &'static str) -> Box<dyn Artifact> {
    given::<_, io::Text>(store, name, || text.to_owned())
}

pub fn folder(store: &Store, name: &str, text: &'static str) -> Box<dyn Artifact> {
    let texts = || Texts::from([("a".to_owned(), text.to_owned()), ("sub/b".to_owned(), "b".to_owned())]);
    given::<_, Folder>(store, name, texts)
}

/// A step whose payload IO may run code.
pub fn running_code() -> Builder<Given<String, Unpickler>> {
    builder("signed", || "signed".to_owned())
}

pub fn signing_key() -> SigningKey {
    SigningKey::from_secret("the secret of the old stores")
}

/// A step without params, whose payload is given.
#[derive(PersistableParams)]
pub struct Given<#[param(untracked)] P, #[param(untracked)] I> {
    #[param(untracked)]
    payload: Box<dyn Fn() -> P + Send + Sync>,
    #[param(untracked)]
    io: PhantomData<I>,
}

impl<P: Send + Sync + 'static, I: PayloadIo<P> + Default + 'static> Step for Given<P, I> {
    type Payload = P;
    type Io = I;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<P> {
        Ok((self.payload)())
    }
}

fn given<P, I>(store: &Store, name: &str, payload: impl Fn() -> P + Send + Sync + 'static) -> Box<dyn Artifact>
where
    P: Debug + Send + Sync + 'static,
    I: PayloadIo<P> + Default + 'static,
{
    open(store, builder::<P, I>(name, payload))
}

fn builder<P, I>(name: &str, payload: impl Fn() -> P + Send + Sync + 'static) -> Builder<Given<P, I>>
where
    P: Send + Sync + 'static,
    I: PayloadIo<P> + Default + 'static,
{
    Persistable::builder(Given { payload: Box::new(payload), io: PhantomData }).payload_name(name)
}

fn open<S>(store: &Store, builder: Builder<S>) -> Box<dyn Artifact>
where
    S: Step,
    S::Payload: Debug,
{
    Box::new(builder.open(store).unwrap())
}

/// An artifact, whatever its payload is.
pub trait Artifact {
    /// The payload name with the first half of the key, as file names have it.
    fn stem(&self) -> String;
    fn persist(&self);
    /// Shows what the step generates.
    fn generated(&self) -> String;
    fn loaded(&self) -> String;
    /// Shows what `load_generate` gives, which has to be loaded.
    fn load_generated(&self) -> String;
}

impl<S: Step> Artifact for Persistable<S>
where
    S::Payload: Debug,
{
    fn stem(&self) -> String {
        self.to_string()
    }

    fn persist(&self) {
        self.generate().unwrap();
    }

    fn generated(&self) -> String {
        shown(&*self.generate_unpersisted(&Untracked::new()).unwrap())
    }

    fn loaded(&self) -> String {
        shown(&*self.load().unwrap_or_else(|error| panic!("{self} does not load: {error}")))
    }

    fn load_generated(&self) -> String {
        self.reset_payload();
        let payload = self.load_generate().unwrap();
        assert_eq!(self.origin(), Some(Origin::Loaded), "{self} was generated");
        shown(&*payload)
    }
}

/// Payloads are the same if they show the same: NaNs do, and zeros of different sign don't.
fn shown(payload: &impl Debug) -> String {
    // Python notes in Arrow's metadata whose frame it was.
    format!("{payload:?}").replace(r#"metadata: {"persistable.frame": "pyarrow"}"#, "metadata: {}")
}
