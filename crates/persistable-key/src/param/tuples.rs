//! Tuples.

use super::Param;
use crate::error::ParamError;
use crate::value::Value;

impl Param for () {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Tuple(Vec::new()))
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {$(
        impl<$($name: Param),+> Param for ($($name,)+) {
            fn to_value(&self) -> Result<Value, ParamError> {
                Ok(Value::Tuple(vec![
                    $(self.$index.to_value().map_err(|error| error.at_index($index))?),+
                ]))
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}
