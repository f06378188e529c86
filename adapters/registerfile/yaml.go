package registerfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML hands the value of a YAML file to read. Aliases are not followed, so that nothing is larger than it is written.
// The YAML library bounds how deep its nodes are.
func readYAML(data []byte, read func(value) error) error {
	top, err := parseYAML(data)
	if err != nil {
		return err
	}
	return read(valueOf(top))
}

// parseYAML returns the root of the only document in the data.
func parseYAML(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if cause := recover(); cause != nil { // the library panics on what it did not foresee
			root, err = nil, errors.New("not valid YAML: "+wanted)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &yaml.Node{}, nil
	case err != nil:
		return nil, yamlError(data, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("line %d: a second document begins: keep one register in a file", second.Line)
	case !errors.Is(err, io.EOF):
		return nil, yamlError(data, err)
	}
	return document.Content[0], nil
}

// parserProblems are errors of the YAML library that count lines from 0, and have no line in the first. Others count from 1.
var parserProblems = []string{
	"did not find expected <document start>",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected key",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"found undefined tag handle",
}

// yamlError words an error of the YAML library. The library may name the line after the last. The text is cut, since it may
// repeat a name from the file.
func yamlError(data []byte, err error) error {
	line, problem := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if _, scanErr := fmt.Sscanf(problem, "line %d: ", &line); scanErr == nil {
		_, problem, _ = strings.Cut(problem, ": ")
	}
	if slices.Contains(parserProblems, problem) {
		line++
	}
	problem = "not valid YAML: " + clipped(problem)
	if line > 0 {
		problem = "line " + strconv.Itoa(min(line, lineAt(data, max(0, len(data)-1)))) + ": " + problem
	}
	return errors.New(problem)
}

// valueOf returns a node as a value.
func valueOf(node *yaml.Node) value {
	v := value{line: node.Line, text: node.Value}
	switch {
	case node.Kind == yaml.AliasNode:
		v.kind = alias
	case node.Style&yaml.TaggedStyle != 0:
		v.kind, v.text = tagged, node.Tag
	case node.Kind == yaml.SequenceNode:
		v.kind, v.items = list, itemsOf(node, 1)
	case node.Kind == yaml.MappingNode:
		v.kind, v.items = mapping, itemsOf(node, 2)
	default:
		v.kind = scalarKind(node)
	}
	return v
}

// itemsOf yields the values in a list, whose items are one node each, or a mapping, whose items are a key and a value.
func itemsOf(node *yaml.Node, nodes int) iter.Seq[value] {
	return func(yield func(value) bool) {
		for item := range slices.Chunk(node.Content, nodes) {
			v := valueOf(item[nodes-1])
			if nodes == 2 {
				v.key, v.line = keyOf(item[0]), item[0].Line
			}
			if !yield(v) {
				return
			}
		}
	}
}

// keyOf returns a key's text. A key that is not a plain or quoted text becomes one that no column has.
func keyOf(node *yaml.Node) string {
	switch key := valueOf(node); key.kind {
	case alias:
		return "*" + key.text
	case tagged:
		return key.text + " " + node.Value
	case list:
		return "[...]"
	case mapping:
		return "{...}"
	default:
		return key.text
	}
}

// scalarKind returns the kind of an untagged scalar. The library takes dates for a kind of their own and very long whole
// numbers for text.
func scalarKind(node *yaml.Node) kind {
	switch node.Tag {
	case "", "!!null":
		return nothing
	case "!!int", "!!float":
		return number
	case "!!bool":
		return boolean
	}
	if node.Style == 0 && isPlainInteger(node.Value) {
		return number
	}
	return text
}
