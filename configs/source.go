package configs

import (
	"slices"
	"strings"
)

// source has the settings that one place gives, by key. It is nil where the place could not be read.
type source map[string]given

// given is a setting's value as a source gives it.
type given struct {
	// value is a text; from a file also a number, a boolean or a list.
	value any
	// place names the setting as the source does, such as OMARTY_LOG_LEVEL, or omarty.yaml:2: log.level.
	place string
	// not is how a problem ends that shows the value, empty where it must not be shown.
	not string
}

func defaults() source {
	values := source{}
	for _, s := range settings {
		if s.Default != "" {
			values[s.Key] = given{value: s.Default, place: s.Key}
		}
	}
	return values
}

const variablePrefix = "OMARTY_"

// fromEnvironment reads the variables of the settings, and reports unknown ones with the prefix of a section. An empty one
// counts as not set, whatever its name.
func fromEnvironment(environ []string) (source, Problems) {
	values := source{}
	var unknown []string
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		i := slices.IndexFunc(settings, func(s Setting) bool { return s.Env == name })
		switch {
		case text == "":
		case i >= 0 && settings[i].list:
			values[settings[i].Key] = given{commaSeparated(text), name, notValue(text)}
		case i >= 0:
			values[settings[i].Key] = given{text, name, notValue(text)}
		case slices.ContainsFunc(sections, func(s string) bool { return strings.HasPrefix(name, variableOf(s)+"_") }):
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	var problems Problems
	for _, name := range unknown {
		problems.add("unknown variable %s%s", shown(name), didYouMean(name, names(func(s Setting) string { return s.Env })))
	}
	return values, problems
}

// variableOf returns the variable of a setting, or the prefix of a section's variables.
func variableOf(key string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// commaSeparated returns the items of a variable in the type that YAML gives a list.
func commaSeparated(text string) (items []any) {
	for item := range strings.SplitSeq(text, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}
