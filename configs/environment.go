package configs

import (
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
)

const variablePrefix = "OMARTY_"

// fromEnvironment reads the variables of the settings, and tells of others under a section's prefix. An empty one counts
// as not set, whatever its name.
func fromEnvironment(environ []string) (source, Problems) {
	from := source{written: map[string]string{}, name: func(s setting) string { return s.Env }}
	var unknown []string
	take := func(variable, value string) (key string, taken any) {
		if value == "" {
			return "", nil
		}
		for _, s := range settings {
			if s.Env != variable {
				continue
			}
			from.written[s.Key] = value
			if s.list {
				return s.Key, commaSeparated(value)
			}
			return s.Key, value
		}
		if underSection(variable) {
			unknown = append(unknown, variable)
		}
		return "", nil
	}
	var problems Problems
	values, err := env.Provider("", env.Opt{
		Prefix: variablePrefix, TransformFunc: take, EnvironFunc: func() []string { return environ },
	}).Read()
	if err != nil {
		problems.add("the environment cannot be read: %v", err)
		return from, problems
	}
	from.values = values
	slices.Sort(unknown)
	for _, variable := range unknown {
		problems.add("unknown variable %s%s", shown(variable),
			didYouMean(variable, names(func(s setting) string { return s.Env })))
	}
	return from, problems
}

// underSection reports whether a variable bears the prefix of a section. Others are nobody's business.
func underSection(variable string) bool {
	return slices.ContainsFunc(sectionNames(), func(section string) bool {
		return strings.HasPrefix(variable, variablePrefix+strings.ToUpper(section)+"_")
	})
}

// commaSeparated returns the items of a variable in the form that YAML gives a list.
func commaSeparated(value string) []any {
	var items []any
	for item := range strings.SplitSeq(value, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}
