package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// fromFile reads a YAML file of sections with settings. The path "" gives nothing.
func fromFile(path string) (source, Problems) {
	if path == "" {
		return source{}, nil
	}
	content, err := ReadSmallFile(path)
	if err != nil {
		return nil, Problems{fmt.Sprintf("the configuration file: %v", err)}
	}
	if !utf8.Valid(content) {
		return nil, Problems{path + ": must be text in UTF-8"}
	}
	document, err := onlyDocument(content)
	if err != nil {
		return nil, syntaxProblems(path, err)
	}
	var tree map[string]any
	if err := document.Decode(&tree); err != nil {
		return nil, syntaxProblems(path, err)
	}
	var inSections map[string]map[any]any
	_ = document.Decode(&inSections) // leaves out what is no section
	f := file{path: path, entries: map[string]entry{}, values: source{}}
	for _, root := range document.Content {
		f.locate("", root)
	}
	for _, section := range slices.Sorted(maps.Keys(tree)) {
		content, isSection := inSections[section]
		settings := map[string]any{}
		for name, value := range content {
			settings[fmt.Sprint(name)] = value
		}
		f.section(section, settings, isSection)
	}
	return f.values, f.problems
}

// file is a configuration file that is being read.
type file struct {
	path string
	// entries are the sections and settings, by key; without those that a section has by a merge (<<).
	entries  map[string]entry
	values   source
	problems Problems
}

// entry is where a key stands, and its value.
type entry struct {
	line  int
	value *yaml.Node
}

// locate adds the entries of a mapping and, where it is the root, of its sections.
func (f *file) locate(prefix string, mapping *yaml.Node) {
	for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		f.entries[prefix+key.Value] = entry{key.Line, value}
		if prefix == "" {
			f.locate(key.Value+".", value)
		}
	}
}

// section takes the settings of a section, and reports everything else. It looks keys up by section, never by their dotted
// names, which a file may hold too.
func (f *file) section(section string, content map[string]any, isSection bool) {
	switch s, isKey := settingBy(section); {
	case isKey:
		f.fault(section, "%s must stand below its section: %s: and, indented on the next line, %s:", s.Key, s.section(), s.name())
	case slices.Contains(sections, section):
		if !isSection {
			f.fault(section, "%s must be a section, with its settings indented below it", section)
		}
	case len(content) == 0:
		f.fault(section, "unknown key %s%s", shown(section), didYouMean(section, sections))
	}
	for _, name := range slices.Sorted(maps.Keys(content)) {
		key := section + "." + name
		if _, isKey := settingBy(key); !isKey {
			f.fault(key, "unknown key %s%s", shown(key), didYouMean(key, names(func(s Setting) string { return s.Key })))
		} else if content[name] != nil {
			f.values[key] = given{content[name], f.place(key) + ": " + key, notEntry(f.entries[key].value)}
		}
	}
}

func (f *file) fault(key, format string, args ...any) {
	f.problems.add("%s: "+format, append([]any{f.place(key)}, args...)...)
}

// place returns the path of the file with the line of the key, in the form that editors open.
func (f *file) place(key string) string {
	if e, found := f.entries[key]; found {
		return f.path + ":" + strconv.Itoa(e.line)
	}
	return f.path
}

// notEntry shows a scalar, or a list of scalars, as it is written.
func notEntry(value *yaml.Node) string {
	switch {
	case value == nil || value.Kind == yaml.MappingNode || value.Kind == yaml.AliasNode:
		return ""
	case value.Kind == yaml.ScalarNode:
		return notValue(value.Value)
	}
	var items []string
	for _, item := range value.Content {
		if item.Kind != yaml.ScalarNode {
			return ""
		}
		items = append(items, item.Value)
	}
	return notValue("[" + strings.Join(items, ", ") + "]")
}

// onlyDocument parses a file, and refuses a second document in it, which would not be read.
func onlyDocument(content []byte) (document yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&document); err != nil && err != io.EOF {
		return document, err
	}
	var second yaml.Node
	err = decoder.Decode(&second)
	line := second.Line
	if err != nil && strings.HasSuffix(err.Error(), "expected <document start>") {
		_, _ = fmt.Sscanf(err.Error(), "yaml: line %d", &line)
		line, err = line+1, nil // this fault's line is counted from 0
	}
	switch err {
	case nil:
		return document, fmt.Errorf("line %d: second document", line)
	case io.EOF:
		return document, nil
	default:
		return document, err
	}
}

var (
	lineOfFault  = regexp.MustCompile(`^line (\d+): `)
	duplicateKey = regexp.MustCompile(`^mapping key (".*") already defined at line (\d+)$`)
)

// faults are the messages that replace others. Those of the parser quote the file, which may hold a secret.
var faults = []struct{ holds, said string }{
	{"cannot unmarshal", "must hold sections, such as http:, with their settings indented below them"},
	{"cannot decode", "a value does not fit its tag: leave the tag out"},
	{"unknown anchor", "a value that begins with * must stand in quotes"},
	{"value contains itself", "a value holds itself: leave its anchor out"},
	{"second document", "a second document begins here, which would not be read: keep one"},
	{"invalid map key", "a key must be a plain word, and a value that begins with { must stand in quotes"},
}

// syntaxProblems reports the parser's faults, by line, without the text that they quote.
func syntaxProblems(path string, err error) Problems {
	found := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if several, ok := errors.AsType[*yaml.TypeError](err); ok {
		found = several.Errors
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
	for _, f := range faults {
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
