//! Bodies of requests and answers that note when the last byte went.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use object_store::PutPayload;
use object_store::client::{HttpError, HttpRequestBody};
use tokio::time::{Instant, Sleep};

use crate::cloud::trouble::{failure, stalled};
use crate::last_byte::LastByte;

/// A frame is small, so that a slow line shows progress.
const FRAME: usize = 64 << 10;

/// Cuts bytes into frames.
pub(super) fn payload(mut bytes: Bytes) -> PutPayload {
    let mut frames = Vec::with_capacity(bytes.len().div_ceil(FRAME));
    while bytes.len() > FRAME {
        frames.push(bytes.split_to(FRAME));
    }
    frames.push(bytes);
    frames.into_iter().collect()
}

/// The body of a request.
pub(super) struct Sent {
    pub(super) body: HttpRequestBody,
    pub(super) last_byte: LastByte,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        self.last_byte.note();
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer. It fails if no byte comes for too long.
pub(super) struct Received {
    body: reqwest::Body,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl Received {
    pub(super) fn new(body: reqwest::Body, limit: Duration) -> Self {
        Self { body, limit, deadline: Box::pin(tokio::time::sleep(limit)) }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                this.deadline.as_mut().reset(Instant::now() + this.limit);
                Poll::Ready(frame.map(|frame| frame.map_err(|error| failure(error).1)))
            }
            Poll::Pending => {
                ready!(this.deadline.as_mut().poll(context));
                Poll::Ready(Some(Err(stalled(this.limit).1)))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
