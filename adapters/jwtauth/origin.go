package jwtauth

import "slices"

// checkOrigin compares iss and aud with what is required. Its errors are reasons.
func checkOrigin(claims object, r required) error {
	if r.issuer != "" {
		if issuer, isText := readText(claims["iss"]); !isText || issuer != r.issuer {
			return otherIssuer
		}
	}
	if r.audience != "" && !slices.Contains(readAudiences(claims["aud"]), r.audience) {
		return otherAudience
	}
	return nil
}

// readAudiences reads a string or a list of strings (RFC 7519, section 4.1.3). Anything else has no audience.
func readAudiences(claim string) []string {
	if text, isText := readText(claim); isText {
		return []string{text}
	}
	texts, _ := readTexts(claim)
	return texts
}
