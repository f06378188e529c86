package httpapi

import (
	"errors"

	"github.com/tailscale/hujson"
)

// maxDepth is how deep JSON may be nested, the object itself included (wire contract, check 6).
const maxDepth = 32

// parseJSON reads one JSON object, in which comments and trailing commas are allowed.
func parseJSON(body []byte, p *parameters) error {
	if deeperThan(body, maxDepth) {
		return errors.New("JSON nested too deep")
	}
	parsed, err := hujson.Parse(append(body, '\n')) // hujson takes no line comment that nothing ends
	if err != nil {
		return err
	}
	object, ok := parsed.Value.(*hujson.Object)
	if !ok {
		return errors.New("JSON that is not an object")
	}
	for _, member := range object.Members {
		name := member.Name.Value.(hujson.Literal) // hujson takes nothing but a string for a name
		p.set(name.String(), jsonValue(member.Value.Value))
	}
	return nil
}

func jsonValue(v hujson.ValueTrimmed) value {
	literal, ok := v.(hujson.Literal)
	if !ok {
		return value{kind: other}
	}
	switch literal.Kind() {
	case 'n':
		return value{}
	case '"':
		return value{text, literal.String()}
	case '0':
		return value{jsonNumber, string(literal)}
	default:
		return value{kind: other}
	}
}

// deeperThan reports whether brackets are nested deeper, outside of strings and comments. It runs before hujson, which
// recurses, on what may not be JSON at all: what hujson would refuse may be judged either way.
func deeperThan(body []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			depth++
			if depth > limit {
				return true
			}
		case '}', ']':
			depth--
		case '"':
			i = endOfString(body, i)
		case '/':
			i = endOfComment(body, i)
		}
	}
	return false
}

// endOfString returns where the string that starts at i ends.
func endOfString(body []byte, i int) int {
	for i++; i < len(body) && body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return i
}

// endOfComment returns where the comment that starts at i ends, or i where none does.
func endOfComment(body []byte, i int) int {
	if i+1 >= len(body) {
		return i
	}
	switch body[i+1] {
	case '/':
		for i < len(body) && body[i] != '\n' {
			i++
		}
	case '*':
		for i += 3; i < len(body) && (body[i-1] != '*' || body[i] != '/'); i++ {
		}
	}
	return i
}
