package jwtauth

// readHeader returns which keys may verify a token, by the first segment of it. Whatever else a header says, such as
// where to find a key, is not looked at. It returns a reason.
func readHeader(segment string) (keyName, error) {
	text, ok := decodeSegment(segment)
	if !ok {
		return keyName{}, malformed
	}
	header, err := readObject(text)
	if err != nil {
		return keyName{}, err
	}
	if err := header.checkNames(); err != nil {
		return keyName{}, err
	}
	// No extension is understood here, so none may be critical (RFC 7515, section 4.1.11).
	if _, found := header["crit"]; found {
		return keyName{}, critical
	}
	algorithm, isText := readText(header["alg"])
	if !isText {
		return keyName{}, unsupported
	}
	value, found := header["kid"]
	if !found {
		return keyName{algorithm: algorithm}, nil
	}
	id, isText := readText(value)
	if !isText || !isKeyID(id) {
		return keyName{}, badKeyID
	}
	return keyName{algorithm, id}, nil
}
