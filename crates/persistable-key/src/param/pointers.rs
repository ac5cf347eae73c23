//! Pointers, which stand for what they point to.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::Param;
use super::depth::nested;
use crate::error::ParamError;
use crate::value::Value;

impl<T: Param + ?Sized> Param for &T {
    fn to_value(&self) -> Result<Value, ParamError> {
        T::to_value(self)
    }
}

impl<T: Param + ?Sized> Param for &mut T {
    fn to_value(&self) -> Result<Value, ParamError> {
        T::to_value(self)
    }
}

impl<T: Param + ?Sized> Param for Box<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        nested(|| T::to_value(self))
    }
}

impl<T: Param + ?Sized> Param for Rc<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        nested(|| T::to_value(self))
    }
}

impl<T: Param + ?Sized> Param for Arc<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        nested(|| T::to_value(self))
    }
}

impl<T: Param + ToOwned + ?Sized> Param for Cow<'_, T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        T::to_value(self)
    }
}
