package jwtauth

// readHeader reads alg, kid and crit in a token's first segment and returns which keys may verify the token. It ignores the
// other members, such as one that says where to find a key. Its errors are reasons.
func readHeader(segment string) (keyName, error) {
	header, err := readSegment(segment)
	if err == nil {
		err = header.checkNames()
	}
	if err != nil {
		return keyName{}, err
	}
	// This package has no extensions, so no critical one is accepted (RFC 7515, section 4.1.11).
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
