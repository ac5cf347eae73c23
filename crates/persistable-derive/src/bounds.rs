//! The bounds that the type parameters of a generic type need.

use quote::ToTokens;
use syn::visit::{Visit, visit_type_path};
use syn::{Generics, Ident, Path, Type, TypePath, WherePredicate, parse_quote};

use crate::field::{Encoding, Field, Role};

/// Adds what `fields` require of the type parameters they mention: `T: Param`, also for `T::Associated`.
///
/// Bounds are on the parameters and not on the fields' types, so that a type that contains itself still resolves.
pub(crate) fn with_bounds<'a>(generics: &Generics, fields: impl IntoIterator<Item = &'a Field<'a>>) -> Generics {
    let mut bounded = generics.clone();
    let parameters: Vec<&Ident> = generics.type_params().map(|parameter| &parameter.ident).collect();
    if parameters.is_empty() {
        return bounded;
    }
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for field in fields {
        let mut mentions = Mentions::of(&parameters);
        mentions.visit_type(field.ty);
        let ty = field.ty;
        match (field.role, &field.encoding) {
            (Role::Untracked, _) | (_, Encoding::With(_)) => {}
            _ if mentions.types.is_empty() && mentions.marked.is_empty() => {}
            (Role::Dependency, _) => predicates.push(parse_quote!(#ty: ::persistable::__private::AsDependencies)),
            (_, Encoding::Bytes) => {
                predicates.push(parse_quote!(#ty: ::core::convert::AsRef<[::core::primitive::u8]>));
            }
            (_, Encoding::Param) => {
                let param = |ty| -> WherePredicate { parse_quote!(#ty: ::persistable::Param) };
                let named = |ty| -> WherePredicate { parse_quote!(#ty: ::persistable::TypeName) };
                predicates.extend(mentions.types.iter().map(param).chain(mentions.marked.iter().map(named)));
            }
        }
    }
    let mut seen: Vec<String> = Vec::new();
    predicates.retain(|predicate| {
        let text = predicate.to_token_stream().to_string();
        let new = !seen.contains(&text);
        seen.push(text);
        new
    });
    bounded.make_where_clause().predicates.extend(predicates);
    bounded
}

/// Collects the type parameters and the types associated with them that occur in a type.
struct Mentions<'a> {
    parameters: &'a [&'a Ident],
    types: Vec<Type>,
    /// Those that occur in a `PhantomData`, which counts by their names.
    marked: Vec<Type>,
}

impl<'a> Mentions<'a> {
    fn of(parameters: &'a [&'a Ident]) -> Self {
        Self { parameters, types: Vec::new(), marked: Vec::new() }
    }

    fn starts_with_parameter(&self, path: &Path) -> bool {
        path.leading_colon.is_none()
            && path.segments.first().is_some_and(|first| self.parameters.contains(&&first.ident))
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_type_path(&mut self, ty: &'ast TypePath) {
        if ty.qself.is_none() && self.starts_with_parameter(&ty.path) {
            self.types.push(Type::Path(ty.clone()));
        } else if let Some(qself) = &ty.qself {
            let mut inner = Mentions::of(self.parameters);
            inner.visit_type(&qself.ty);
            if !inner.types.is_empty() {
                self.types.push(Type::Path(ty.clone()));
            }
        } else if ty.path.segments.last().is_some_and(|last| last.ident == "PhantomData") {
            let mut inner = Mentions::of(self.parameters);
            visit_type_path(&mut inner, ty);
            self.marked.append(&mut inner.types);
            self.marked.append(&mut inner.marked);
        } else {
            visit_type_path(self, ty);
        }
    }
}
