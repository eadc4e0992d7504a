//! The vocabulary: every word of the field that two folders share, and nothing that does I/O.

mod alert;
mod attribute;
mod change;
mod claim;
mod dates;
mod dispatch;
mod fact;
mod failure;
mod identity;
mod ids;
mod indicator;
mod milestone;
mod money;
mod object;
mod packed;
mod places;
mod reading;
mod recorded;
mod refusal;
mod sample;
mod stage;
mod state;
mod status;
mod subject;
mod table;
mod value;
mod way_out;
mod words;

pub use alert::{
    Acknowledgement, DeliveryState, Group, OutboxEntry, OutgoingMessage, Part, Silence, Taken,
};
pub use attribute::{Attribute, DateKind, PriceMeter};
pub use change::{Change, ChangeKind, Direction, Severity};
pub use claim::Claim;
pub use dates::{Certainty, LifecycleDate, NoDate, day_start, words_before_date};
pub use dispatch::{Dispatch, DispatchKind, Known, Said, is_address};
pub use fact::{FORGOTTEN_AFTER, OfferingFact, Spell};
pub use failure::{Failure, Phase};
pub use identity::{
    Identity, Wanted, identify, normal_form, provider_id, provider_ids, route, twin_form,
};
pub use ids::{
    BodyHash, ChangeId, Hash, NativeId, ProbeId, ProviderId, Region, Scope, SourceId, SubjectKey,
};
pub use indicator::Indicator;
pub use milestone::Milestone;
pub use money::{
    Currency, Price, PriceUnit, amount_for_people, decimal_from_json, digits_in_groups,
};
pub use object::FactRow;
pub use packed::{Packed, Packing};
pub use places::{Place, RegionSet, is_like};
pub use reading::{Content, Dated, Entry, Fingerprint, Reading, Settled, Unexpected};
pub use recorded::{Called, RecordedChange, Standing};
pub use refusal::Refusal;
pub use sample::{Phases, Sample};
pub use stage::{
    Authority, CoveredStages, Interface, ProviderKind, Purchase, Reach, Stage, StageSet,
};
pub use state::{
    AcceptedSubject, DetectionState, Flap, Pending, PendingKey, PendingWhat, StateEdit, Totals,
};
pub use status::{WELL, is_well};
pub use subject::{Subject, SubjectKind};
pub use table::{Cell, Column, ColumnKind, Tabular, milliseconds};
pub use value::Value;
pub use way_out::{Alternative, Answers, Replacement, WayOut};
pub use words::plain;
