package configs

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/knadh/koanf/maps"
	"go.yaml.in/yaml/v3"
)

// fromFile reads a YAML file of sections with settings; the path "" gives nothing.
func fromFile(path string) (source, Problems) {
	var keys lines
	from := source{name: func(s setting) string { return keys.place(path, s.Key) + ": " + s.Key }}
	if path == "" {
		from.values = map[string]any{}
		return from, nil
	}
	content, err := ReadSmallFile(path)
	if err != nil {
		return from, Problems{fmt.Sprintf("the configuration file: %v", err)}
	}
	var problems Problems
	if !utf8.Valid(content) {
		problems.add("%s: must be text in UTF-8", path)
		return from, problems
	}
	if line := secondDocument(string(content)); line > 0 {
		problems.add("%s:%d: a second document begins here, which would not be read: keep one", path, line)
		return from, problems
	}
	var document yaml.Node
	var tree map[string]any
	if err := errors.Join(yaml.Unmarshal(content, &document), document.Decode(&tree)); err != nil {
		return from, syntaxProblems(path, err)
	}
	keys, from.written = locate(&document)
	maps.IntfaceKeysToStrings(tree)
	values, found := known(tree)
	from.values = values
	for _, fault := range found {
		problems.add("%s: %s", keys.place(path, fault.key), fault.problem)
	}
	return from, problems
}

// lines are those that a file's sections and settings begin in, by key.
type lines map[string]int

// locate finds the keys of a document, and their values as they are written. Those that it has by a merge are not found.
func locate(document *yaml.Node) (lines, map[string]string) {
	found, written := lines{}, map[string]string{}
	for _, root := range document.Content {
		for section, content := range pairs(root) {
			found[section.Value] = section.Line
			for name, value := range pairs(content) {
				key := section.Value + "." + name.Value
				found[key] = name.Line
				if text, ok := asWritten(value); ok {
					written[key] = text
				}
			}
		}
	}
	return found, written
}

// asWritten returns a text, or a list of texts in brackets.
func asWritten(value *yaml.Node) (string, bool) {
	if value.Kind == yaml.ScalarNode {
		return value.Value, true
	}
	items := make([]string, len(value.Content))
	for i, item := range value.Content {
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		items[i] = item.Value
	}
	return "[" + strings.Join(items, ", ") + "]", value.Kind == yaml.SequenceNode
}

// pairs yields the keys and values of a mapping, nothing of any other node.
func pairs(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// place returns the path of the file with the line that the key stands in, as editors open it.
func (l lines) place(path, key string) string {
	if line, found := l[key]; found {
		return path + ":" + strconv.Itoa(line)
	}
	return path
}

// secondDocument returns the line, from 1, where a file's second YAML document begins, 0 where there is one alone. The
// parser would leave it out without a word. A line that begins with --- or ... is a marker wherever it stands (YAML 1.2,
// 9.1.2), in a text of several lines too.
func secondDocument(content string) int {
	begun, ended := false, false
	for i, line := range strings.Split(strings.TrimPrefix(content, "\ufeff"), "\n") {
		first, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", " "), " ")
		switch {
		case first == "---" && (begun || ended):
			return i + 1
		case first == "---":
			begun = true
		case first == "...":
			ended = begun
		case strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") || line[0] == '%' && !begun:
		case ended:
			return i + 1
		default:
			begun = true
		}
	}
	return 0
}

var (
	lineOfFault  = regexp.MustCompile(`^line (\d+): `)
	duplicateKey = regexp.MustCompile(`^mapping key (".*") already defined at line (\d+)$`)
)

// The parser's messages that quote what stands in the file, which may be a secret, and what is said instead.
var quotingFaults = []struct{ holds, said string }{
	{"cannot unmarshal", "must hold sections, such as http:, with their settings indented below them"},
	{"cannot decode", "a value does not fit its tag: leave the tag out"},
	{"unknown anchor", "a value that begins with * must stand in quotes"},
	{"value contains itself", "a value holds itself: leave its anchor out"},
	{"invalid map key", "a key must be a plain word, and a value that begins with { must stand in quotes"},
}

// syntaxProblems says what the parser found, by line, without what stands there.
func syntaxProblems(path string, err error) Problems {
	found := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if list, several := strings.CutPrefix(found[0], "unmarshal errors:\n  "); several {
		found = strings.Split(list, "\n  ")
	}
	var problems Problems
	for _, fault := range found {
		where := path
		if line := lineOfFault.FindStringSubmatch(fault); line != nil {
			where, fault = path+":"+line[1], strings.TrimPrefix(fault, line[0])
		}
		problems.add("%s: %s", where, unquoted(fault))
	}
	return problems
}

func unquoted(fault string) string {
	for _, f := range quotingFaults {
		if strings.Contains(fault, f.holds) {
			return f.said
		}
	}
	if duplicate := duplicateKey.FindStringSubmatch(fault); duplicate != nil {
		key, _ := strconv.Unquote(duplicate[1])
		return fmt.Sprintf("the key %s stands on line %s already: keep one", shown(key), duplicate[2])
	}
	return "is not YAML: " + fault
}
