package registerfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML hands the rows of a YAML file to the collector. It walks the nodes as they stand and follows no alias, so that
// nothing is larger than it is written; the YAML library bounds their depth.
func readYAML(data []byte, to *collector) error {
	top, err := parseYAML(data)
	if err != nil {
		return err
	}
	switch value := cellOf("", top); value.kind {
	case nothing:
		return nil
	case mapping:
	default:
		return fmt.Errorf("line %d: the file is %s: %s", top.Line, value.describe(), wanted)
	}
	for key, value := range pairs(top) {
		if to.begin(key.Line, cellOf(keyOf(key), value)) {
			for _, row := range value.Content {
				to.add(row.Line, cellOf("", row), cellsOf(row))
			}
		}
	}
	return nil
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

// parserProblems are those that the YAML library tells with their line counted from 0, and without it in the first line;
// it counts the lines of others from 1.
var parserProblems = []string{
	"did not find expected <document start>",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected key",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"found undefined tag handle",
}

// yamlError words an error of the YAML library, which tells the end of the file as a line of its own. Its text is cut,
// since it may repeat a name from the file.
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

// pairs yields the keys and values of a mapping, nothing of any other node.
func pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// cellsOf returns the cells of a row.
func cellsOf(row *yaml.Node) []cell {
	cells := make([]cell, 0, len(row.Content)/2)
	for key, value := range pairs(row) {
		cells = append(cells, cellOf(keyOf(key), value))
	}
	return cells
}

// keyOf returns a key's text. What is more than plain or quoted text becomes one that no column has.
func keyOf(key *yaml.Node) string {
	switch c := cellOf("", key); c.kind {
	case alias:
		return "*" + c.text
	case tagged:
		return c.text + " " + key.Value
	case list:
		return "[...]"
	case mapping:
		return "{...}"
	default:
		return key.Value
	}
}

// cellOf returns a value as a cell.
func cellOf(key string, node *yaml.Node) cell {
	c := cell{key: key, text: node.Value}
	switch {
	case node.Kind == yaml.AliasNode:
		c.kind = alias
	case node.Style&yaml.TaggedStyle != 0:
		c.kind, c.text = tagged, node.Tag
	case node.Kind == yaml.SequenceNode:
		c.kind = list
	case node.Kind == yaml.MappingNode:
		c.kind = mapping
	default:
		c.kind = scalarKind(node)
	}
	return c
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
