use shared::record::Record;

/// The start of an FNV-1a hash with 32 bits.
pub(crate) const OFFSET_BASIS: u32 = 0x811c_9dc5;

const PRIME: u32 = 0x0100_0193;

/// The hash with the bytes of a record added.
pub(crate) fn fnv1a(hash: u32, record: &impl Record) -> u32 {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    bytes
        .iter()
        .fold(hash, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}
