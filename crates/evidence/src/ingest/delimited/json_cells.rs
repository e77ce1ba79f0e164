//! Cells as a JSON object in column order, written into one buffer.

use std::borrow::Cow;

/// Writes objects; the keys are escaped once.
pub struct Cells {
    keys: Vec<String>,
    object: String,
}

impl Cells {
    /// For these columns.
    pub fn new(columns: &[String]) -> Self {
        let mut cells = Self { keys: Vec::new(), object: String::new() };
        cells.learn(columns);
        cells
    }

    /// The object of one record; `columns` may have grown since the last.
    pub fn write<'t>(&mut self, columns: &[String], values: impl Iterator<Item = Cow<'t, str>>) -> &str {
        self.learn(columns);
        self.object.clear();
        self.object.push('{');
        for (key, value) in self.keys.iter().zip(values) {
            self.object.push_str(key);
            quote(&value, &mut self.object);
            self.object.push(',');
        }
        if self.object.ends_with(',') {
            self.object.pop();
        }
        self.object.push('}');
        &self.object
    }

    fn learn(&mut self, columns: &[String]) {
        for column in columns.get(self.keys.len()..).unwrap_or_default() {
            let mut key = String::new();
            quote(column, &mut key);
            key.push(':');
            self.keys.push(key);
        }
    }
}

/// A JSON array of texts.
pub fn array(texts: &[String]) -> String {
    let mut array = String::from("[");
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            array.push(',');
        }
        quote(text, &mut array);
    }
    array.push(']');
    array
}

/// Appends `text` as a JSON string (RFC 8259, section 7).
fn quote(text: &str, json: &mut String) {
    json.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        json.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            other => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                json.push_str("\\u00");
                json.push(char::from(HEX[usize::from(other >> 4)]));
                json.push(char::from(HEX[usize::from(other & 15)]));
            }
        }
    }
    json.push_str(&text[from..]);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_reads_back_as_it_was() {
        for text in ["", "plain", "a\"b\\c", "tab\tnewline\nnul\0bell\u{7}", "Zoë 北京"] {
            let mut json = String::new();
            quote(text, &mut json);
            assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn columns_may_grow() {
        let columns = ["a".to_owned(), "b\"".to_owned()];
        let mut cells = Cells::new(&columns[..1]);
        let values = || ["1", "2"].into_iter().map(Cow::Borrowed);
        assert_eq!(cells.write(&columns[..1], values()), r#"{"a":"1"}"#);
        assert_eq!(cells.write(&columns, values()), r#"{"a":"1","b\"":"2"}"#);
        assert_eq!(array(&columns), r#"["a","b\""]"#);
    }
}
