package configs

import (
	"fmt"
	"maps"
	"slices"
)

// source is what one place gives.
type source struct {
	// values are the settings that it gives, by key; nil where it could not be read.
	values map[string]any
	// written are their values as they stand there, by key, as far as they are texts or lists of texts.
	written map[string]string
	// name says where a setting stands in it.
	name func(setting) string
}

func defaults() source {
	values := map[string]any{}
	for _, s := range settings {
		if s.Default != "" {
			values[s.Key] = s.Default
		}
	}
	return source{values: values, name: func(s setting) string { return s.Key }}
}

// misplaced is what is wrong with a key of a file.
type misplaced struct{ key, problem string }

// known takes the settings out of a tree of sections, and tells of everything else. Keys are looked up section by section,
// never by their dotted names, which a tree may hold too.
func known(tree map[string]any) (map[string]any, []misplaced) {
	values := map[string]any{}
	var found []misplaced
	fault := func(key, format string, args ...any) {
		found = append(found, misplaced{key, fmt.Sprintf(format, args...)})
	}
	for _, section := range slices.Sorted(maps.Keys(tree)) {
		content, isSection := tree[section].(map[string]any)
		switch s, isKey := settingBy(section); {
		case isKey:
			fault(section, "%s must stand below its section: %s: and, indented on the next line, %s:", s.Key, s.section(), s.name())
		case slices.Contains(sectionNames(), section):
			if !isSection && tree[section] != nil {
				fault(section, "%s must be a section, with its settings indented below it", section)
			}
		case len(content) == 0:
			fault(section, "unknown key %s%s", shown(section), didYouMean(section, sectionNames()))
		}
		for _, name := range slices.Sorted(maps.Keys(content)) {
			key := section + "." + name
			if _, isKey := settingBy(key); !isKey {
				fault(key, "unknown key %s%s", shown(key), didYouMean(key, names(func(s setting) string { return s.Key })))
			} else if content[name] != nil {
				values[key] = content[name]
			}
		}
	}
	return values, found
}
