package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// apartmentTag is the entity tag of an apartment.
func apartmentTag(version domain.Sequence) string {
	return `"v` + strconv.FormatInt(int64(version), 10) + `"`
}

// listTag is the entity tag of a page of a block's list. The digest is of what the page depends on besides the block's version.
func listTag(version domain.Sequence, digest string) string {
	return `"b` + strconv.FormatInt(int64(version), 10) + "-" + digest + `"`
}

// digestTag is the entity tag of an answer by its content.
func digestTag(answer []byte) string { return `"` + digestOf(answer) + `"` }

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// conditions are the entity tags of a header If-Match or If-None-Match (RFC 9110, section 13.1).
type conditions struct {
	// given says that the header is there, any that it is *.
	given, any bool
	tags       []string
}

// conditions reads a header. What is no entity tag meets none.
func (r *request) conditions(header string) conditions {
	var c conditions
	for _, line := range r.Request().Header.Values(header) {
		c.given = true
		for line = strings.Trim(line, " \t,"); line != ""; line = strings.TrimLeft(line, " \t,") {
			if line == "*" {
				c.any = true
				break
			}
			weak := strings.HasPrefix(line, "W/")
			begin := 0
			if weak {
				begin = 2
			}
			if begin >= len(line) || line[begin] != '"' {
				break
			}
			length := strings.IndexByte(line[begin+1:], '"')
			if length < 0 {
				break
			}
			end := begin + length + 2
			if end < len(line) && strings.IndexByte(" \t,", line[end]) < 0 {
				break
			}
			c.tags = append(c.tags, line[:end])
			line = line[end:]
		}
	}
	return c
}

// includesWeakly reports whether a tag is among the tags, by the weak comparison.
func (c conditions) includesWeakly(tag string) bool {
	return c.any || slices.Contains(c.tags, tag) || slices.Contains(c.tags, "W/"+tag)
}

// knownVersion returns the version of a block's list with that digest that the client has, nil for none.
func (c conditions) knownVersion(digest string) *domain.Sequence {
	for _, tag := range c.tags {
		text, ok := strings.CutPrefix(strings.TrimPrefix(tag, "W/"), `"b`)
		if !ok {
			continue
		}
		if text, ok = strings.CutSuffix(text, "-"+digest+`"`); !ok {
			continue
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && listTag(domain.Sequence(n), digest) == strings.TrimPrefix(tag, "W/") {
			version := domain.Sequence(n)
			return &version
		}
	}
	return nil
}

// versions returns the versions of an apartment that If-Match names.
func (c conditions) versions() []domain.Sequence {
	var versions []domain.Sequence
	for _, tag := range c.tags {
		text, _ := strings.CutPrefix(tag, `"v`)
		n, err := strconv.ParseInt(strings.TrimSuffix(text, `"`), 10, 64)
		if err == nil && n > 0 && apartmentTag(domain.Sequence(n)) == tag {
			versions = append(versions, domain.Sequence(n))
		}
	}
	return versions
}

// noVersion is a version that no apartment has.
const noVersion domain.Sequence = math.MaxInt64

// ifMatch returns the version that an apartment must have by If-Match, 0 for any, and preconditionRequired without the header. Of
// several versions it is the one that the apartment has.
func (s *Surface) ifMatch(r *request, block domain.BlockID, id domain.ApartmentID) (domain.Sequence, error) {
	c := r.conditions("If-Match")
	versions := c.versions()
	switch {
	case !c.given:
		return 0, preconditionRequired
	case c.any:
		return 0, nil
	case len(versions) == 0:
		return noVersion, nil
	case len(versions) == 1:
		return versions[0], nil
	}
	now, err := httpapi.Call(s.server, r, s.use.GetApartment, application.GetApartmentInput{User: r.user, Block: block, Apartment: id})
	if err != nil || !slices.Contains(versions, now.Version()) {
		return noVersion, err
	}
	return now.Version(), nil
}

// blockTag is the entity tag of a block: of its version, and of what may change without it.
func blockTag(b blockBody) string {
	unversioned := []byte(b.Name + "\x00" + string(b.Status))
	for _, action := range b.Permissions {
		unversioned = append(unversioned, "\x00"+string(action)...)
	}
	return listTag(b.Version, digestOf(unversioned))
}
