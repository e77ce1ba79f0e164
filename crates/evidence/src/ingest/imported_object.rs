//! One row of `imported_objects`: what a feed handed in, before anything is made of it.

use model::{At, Cell, Out, tables};

/// An object of a STIX bundle, a MISP event, or a cluster of a galaxy.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportedObject<'a> {
    /// Name of the format that read it, which can also write it again.
    pub standard: &'a str,
    /// STIX type, `event`, or type of the galaxy.
    pub kind: &'a str,
    /// STIX id or uuid.
    pub reference: Option<&'a str>,
    /// Its name; never a person's.
    pub name: Option<&'a str>,
    /// The id that its publisher has for it, such as an ATT&CK number.
    pub external_id: Option<&'a str>,
    /// What a relationship says.
    pub relation: Option<&'a str>,
    /// Where it starts.
    pub source_ref: Option<&'a str>,
    /// Where it leads.
    pub target_ref: Option<&'a str>,
    /// When it was made or last changed.
    pub stated: Option<i64>,
    /// Sharing mark, as TLP word.
    pub sharing: Option<&'a str>,
    /// Whether its publisher has withdrawn it.
    pub revoked: bool,
}

impl ImportedObject<'_> {
    /// Writes the row.
    pub fn put(&self, at: At<'_>, out: &mut dyn Out) {
        let cells = [
            self.standard.into(),
            self.kind.into(),
            self.reference.into(),
            self.name.into(),
            self.external_id.into(),
            self.relation.into(),
            self.source_ref.into(),
            self.target_ref.into(),
            self.stated.map_or(Cell::Null, Cell::Time),
            self.sharing.into(),
            self.revoked.into(),
        ];
        out.row(&tables::IMPORTED_OBJECTS, at, &cells);
    }
}
