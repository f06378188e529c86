package openapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// load reads a document in YAML, and checks that it is one.
func load(text []byte) (*openapi3.T, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	closeObjects(tree, extended(tree, map[string]bool{}))
	closed, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(closed)
	if err != nil {
		return nil, err
	}
	if !document.IsOpenAPI31OrLater() {
		return nil, fmt.Errorf("this is OpenAPI %s and not 3.1", document.OpenAPI)
	}
	return document, document.Validate(context.Background())
}

// extended finds the schemas that others extend by allOf.
func extended(node any, found map[string]bool) map[string]bool {
	switch node := node.(type) {
	case map[string]any:
		all, _ := node["allOf"].([]any)
		for _, part := range all {
			if part, ok := part.(map[string]any); ok {
				if ref, ok := part["$ref"].(string); ok {
					found[ref] = true
				}
			}
		}
		for _, value := range node {
			extended(value, found)
		}
	case []any:
		for _, value := range node {
			extended(value, found)
		}
	}
	return found
}

// closeObjects has the schemas of objects refuse fields that they do not name. The document leaves them open, since clients have
// to take fields of later versions; the server must not answer with one that the document does not have.
func closeObjects(document map[string]any, open map[string]bool) {
	components, _ := document["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for name, schema := range schemas {
		if open["#/components/schemas/"+name] {
			schema, _ := schema.(map[string]any)
			closeIn(schema["properties"])
			continue
		}
		closeIn(schema)
	}
	for key, value := range document {
		if key != "components" {
			closeIn(value)
		}
	}
	closeIn(components["responses"])
}

func closeIn(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, isObject := node["properties"].(map[string]any)
		_, decided := node["additionalProperties"]
		if isObject && !decided {
			node["unevaluatedProperties"] = false
		}
		for key, value := range node {
			if !strings.HasPrefix(key, "example") {
				closeIn(value)
			}
		}
	case []any:
		for _, value := range node {
			closeIn(value)
		}
	}
}
