package jwtauth

import "slices"

// checkOrigin holds iss and aud against what is required of them. It returns a reason.
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

// readAudiences reads a text or a list of texts (RFC 7519, section 4.1.3). There are none in anything else.
func readAudiences(claim string) []string {
	if text, isText := readText(claim); isText {
		return []string{text}
	}
	texts, _ := readTexts(claim)
	return texts
}
