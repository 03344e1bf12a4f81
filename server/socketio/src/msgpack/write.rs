//! Values of msgpack, each in its shortest form.

/// More than 32 bits can say.
#[derive(Debug)]
pub(crate) struct TooLong;

pub(crate) fn nil(out: &mut Vec<u8>) {
    out.push(0xc0);
}

pub(crate) fn boolean(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xc3 } else { 0xc2 });
}

pub(crate) fn unsigned(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else if let Ok(value) = u8::try_from(value) {
        out.extend_from_slice(&[0xcc, value]);
    } else if let Ok(value) = u16::try_from(value) {
        out.push(0xcd);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        out.push(0xce);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        out.push(0xcf);
        out.extend_from_slice(&value.to_be_bytes());
    }
}

pub(crate) fn signed(out: &mut Vec<u8>, value: i64) {
    if let Ok(value) = u64::try_from(value) {
        unsigned(out, value);
    } else if value >= -0x20 {
        out.push(value as u8);
    } else if let Ok(value) = i8::try_from(value) {
        out.extend_from_slice(&[0xd0, value as u8]);
    } else if let Ok(value) = i16::try_from(value) {
        out.push(0xd1);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        out.push(0xd2);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// What is no number is nil, as JSON writes it.
pub(crate) fn float32(out: &mut Vec<u8>, value: f32) {
    if !value.is_finite() {
        return nil(out);
    }
    out.push(0xca);
    out.extend_from_slice(&value.to_be_bytes());
}

/// What is no number is nil, as JSON writes it.
pub(crate) fn float64(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return nil(out);
    }
    out.push(0xcb);
    out.extend_from_slice(&value.to_be_bytes());
}

pub(crate) fn text(out: &mut Vec<u8>, value: &str) -> Result<(), TooLong> {
    length(out, value.len(), (0xa0, 0x20), [0xd9, 0xda, 0xdb])?;
    out.extend_from_slice(value.as_bytes());
    Ok(())
}

pub(crate) fn binary(out: &mut Vec<u8>, value: &[u8]) -> Result<(), TooLong> {
    length(out, value.len(), (0, 0), [0xc4, 0xc5, 0xc6])?;
    out.extend_from_slice(value);
    Ok(())
}

/// `len` values follow.
pub(crate) fn array(out: &mut Vec<u8>, len: usize) -> Result<(), TooLong> {
    length(out, len, (0x90, 0x10), [NO_FORM, 0xdc, 0xdd])
}

/// `len` pairs of key and value follow.
pub(crate) fn map(out: &mut Vec<u8>, len: usize) -> Result<(), TooLong> {
    length(out, len, (0x80, 0x10), [NO_FORM, 0xde, 0xdf])
}

/// An array or map whose length is not known yet: [`set_length`] writes it.
pub(crate) fn open(out: &mut Vec<u8>, is_map: bool) {
    out.extend_from_slice(&[if is_map { 0xdf } else { 0xdd }, 0, 0, 0, 0]);
}

/// Writes the length of the array or map that was opened at `start`.
pub(crate) fn set_length(out: &mut [u8], start: usize, len: usize) -> Result<(), TooLong> {
    let len = u32::try_from(len).map_err(|_| TooLong)?;
    out[start + 1..start + 5].copy_from_slice(&len.to_be_bytes());
    Ok(())
}

/// A header with a length: in the first byte if it is below the second number of `short`, else behind one of `forms`
/// in 1, 2 or 4 bytes.
fn length(out: &mut Vec<u8>, len: usize, short: (u8, usize), forms: [u8; 3]) -> Result<(), TooLong> {
    if len < short.1 {
        out.push(short.0 | len as u8);
    } else if let Ok(len) = u8::try_from(len)
        && forms[0] != NO_FORM
    {
        out.extend_from_slice(&[forms[0], len]);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(forms[1]);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.push(forms[2]);
        out.extend_from_slice(&u32::try_from(len).map_err(|_| TooLong)?.to_be_bytes());
    }
    Ok(())
}

/// The byte that msgpack never uses: arrays and maps have no length of one byte.
const NO_FORM: u8 = 0xc1;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &[u8]) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_number_has_its_shortest_form() {
        let cases: [(i64, &[u8]); 14] = [
            (0, &[0]),
            (127, &[127]),
            (128, &[0xcc, 128]),
            (255, &[0xcc, 255]),
            (256, &[0xcd, 1, 0]),
            (65_536, &[0xce, 0, 1, 0, 0]),
            (1 << 32, &[0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
            (-1, &[0xff]),
            (-32, &[0xe0]),
            (-33, &[0xd0, 0xdf]),
            (-128, &[0xd0, 0x80]),
            (-129, &[0xd1, 0xff, 0x7f]),
            (-32_769, &[0xd2, 0xff, 0xff, 0x7f, 0xff]),
            (-(1 << 32), &[0xd3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        ];
        for (number, expected) in cases {
            check(|out| signed(out, number), expected);
        }
        check(
            |out| unsigned(out, u64::MAX),
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
        );
        check(|out| float32(out, 1.5), &[0xca, 0x3f, 0xc0, 0, 0]);
        check(|out| float64(out, -1.5), &[0xcb, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0]);
        check(|out| float32(out, f32::NAN), &[0xc0]);
        check(|out| float64(out, f64::INFINITY), &[0xc0]);
    }

    #[test]
    fn a_length_has_its_shortest_form() {
        let header = |write: fn(&mut Vec<u8>, usize) -> Result<(), TooLong>, len: usize| {
            let mut out = Vec::new();
            write(&mut out, len).unwrap();
            out
        };
        assert_eq!(header(array, 15), [0x9f]);
        assert_eq!(header(array, 16), [0xdc, 0, 16]);
        assert_eq!(header(array, 65_536), [0xdd, 0, 1, 0, 0]);
        assert_eq!(header(map, 0), [0x80]);
        assert_eq!(header(map, 16), [0xde, 0, 16]);
        assert_eq!(header(map, 70_000), [0xdf, 0, 1, 0x11, 0x70]);
        let text_of = |len: usize| {
            let mut out = Vec::new();
            text(&mut out, &"x".repeat(len)).unwrap();
            out.truncate(out.len() - len);
            out
        };
        assert_eq!(text_of(31), [0xbf]);
        assert_eq!(text_of(32), [0xd9, 32]);
        assert_eq!(text_of(256), [0xda, 1, 0]);
        assert_eq!(text_of(65_536), [0xdb, 0, 1, 0, 0]);
        check(|out| binary(out, &[]).unwrap(), &[0xc4, 0]);
        check(|out| binary(out, &[7]).unwrap(), &[0xc4, 1, 7]);
        let mut out = Vec::new();
        binary(&mut out, &[0; 256]).unwrap();
        assert_eq!(out[..3], [0xc5, 1, 0]);
        #[cfg(target_pointer_width = "64")]
        assert!(array(&mut out, 1 << 32).is_err());
    }

    #[test]
    fn a_length_can_be_told_at_the_end() {
        let mut out = vec![9];
        open(&mut out, true);
        out.push(7);
        set_length(&mut out, 1, 258).unwrap();
        assert_eq!(out, [9, 0xdf, 0, 0, 1, 2, 7]);
    }
}
