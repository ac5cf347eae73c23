//! Listing and deleting: many objects with few requests.

use std::ops::ControlFlow;

use crate::engine::parallel;
use crate::engine::root::RemoteObjects;
use crate::error::Result;
use crate::name;
use crate::objects::ListedObject;
use crate::service::{From, Page};

impl RemoteObjects {
    pub(super) fn list_pages(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        let full = self.full(prefix);
        let after = after.map(|after| self.full(after));
        let mut token: Option<String> = None;
        loop {
            let from = match (&token, &after) {
                (Some(token), _) => From::Token(token),
                (None, Some(after)) => From::After(after),
                (None, None) => From::Begin,
            };
            let Page { entries, next } = self.attempts(self.stop(), |stop| self.service.list(stop, &full, from))?;
            let entries: Vec<ListedObject> = entries
                .into_iter()
                // A service may hand out the first name itself, or may not know where to begin.
                .filter(|entry| entry.name.starts_with(&full) && after.as_ref().is_none_or(|after| entry.name > *after))
                .filter_map(|entry| {
                    let name = entry.name.strip_prefix(&self.setup.prefix)?;
                    // Others may have put what no store of ours has, such as a folder's mark.
                    name::check(name).ok()?;
                    Some(ListedObject { name: name.to_owned(), ..entry })
                })
                .collect();
            if !entries.is_empty() && each(entries).is_break() {
                return Ok(());
            }
            match next {
                Some(next) => token = Some(next),
                None => return Ok(()),
            }
        }
    }

    pub(super) fn delete_all(&self, names: &[&str]) -> Result<()> {
        let only = match names {
            [only] => Some(*only),
            _ => None,
        };
        let at = |error: crate::Error| error.at(&self.setup.location, "delete", only);
        names.iter().try_for_each(|name| name::check(name)).map_err(at)?;
        let full: Vec<String> = names.iter().map(|name| self.full(name)).collect();
        let batches: Vec<&[String]> = full.chunks(self.service.about().most_deleted.max(1)).collect();
        parallel::each(self.stop(), self.setup.policy.concurrency, batches.len(), |stop, index| {
            let batch = batches.get(index).copied().unwrap_or_default();
            self.attempts(stop, |stop| self.service.delete(stop, batch))
        })
        .map_err(at)
    }
}
