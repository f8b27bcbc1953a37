package cms

import "encoding/asn1"

// Old signers wrote BER: lengths that are found out at the end, strings in pieces. Limits of reading it.
const (
	maxBERDepth = 24
	maxBER      = 8 << 20
)

// fromBER rewrites the first value of b with definite lengths and whole strings, and gives what follows.
// What was DER already stays as it is, byte for byte: the signed attributes among it.
func fromBER(b []byte) (der, rest []byte, err error) {
	if len(b) > maxBER {
		return nil, nil, malformed("too long")
	}
	return transcode(b, 0)
}

func transcode(b []byte, depth int) (der, rest []byte, err error) {
	if depth > maxBERDepth {
		return nil, nil, malformed("nested too deep")
	}
	head, length, err := berHeader(b)
	if err != nil {
		return nil, nil, err
	}
	tag, body := b[0], b[head:]
	indefinite := length < 0
	if !indefinite {
		if length > len(body) {
			return nil, nil, malformed("length")
		}
		body, rest = body[:length], body[length:]
	}
	if tag&0x20 == 0 {
		if indefinite {
			return nil, nil, malformed("indefinite primitive")
		}
		return b[:head+length], rest, nil
	}
	var inner []byte
	for {
		if indefinite && len(body) >= 2 && body[0] == 0 && body[1] == 0 {
			rest = body[2:]
			break
		}
		if len(body) == 0 {
			if indefinite {
				return nil, nil, malformed("no end")
			}
			break
		}
		var child []byte
		if child, body, err = transcode(body, depth+1); err != nil {
			return nil, nil, err
		}
		if tag == 0x24 { // a string in pieces
			var piece asn1.RawValue
			if _, err := asn1.Unmarshal(child, &piece); err != nil || piece.Tag != asn1.TagOctetString {
				return nil, nil, malformed("string in pieces")
			}
			child = piece.Bytes
		}
		inner = append(inner, child...)
	}
	if tag == 0x24 {
		tag = 0x04
	}
	return appendLength([]byte{tag}, inner), rest, nil
}

// berHeader reads tag and length; -1 is the indefinite length.
func berHeader(b []byte) (size, length int, err error) {
	if len(b) < 2 || b[0]&0x1f == 0x1f || b[0] == 0 {
		return 0, 0, malformed("header")
	}
	n := int(b[1])
	switch {
	case n < 0x80:
		return 2, n, nil
	case n == 0x80:
		return 2, -1, nil
	}
	if n -= 0x80; n > 4 || len(b) < 2+n {
		return 0, 0, malformed("length")
	}
	for _, c := range b[2 : 2+n] {
		length = length<<8 | int(c)
	}
	return 2 + n, length, nil
}

func appendLength(b, body []byte) []byte {
	switch n := len(body); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	case n < 0x10000:
		b = append(b, 0x82, byte(n>>8), byte(n))
	default:
		b = append(b, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, body...)
}
