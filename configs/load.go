package configs

import (
	"cmp"
	"strings"
)

// Load reads the configuration: the defaults, then the YAML file at the path file ("" for none), then environ, in the
// form of os.Environ. Each overrides the one before; an empty variable, or a key with nothing after it, counts as not
// set. needs are what the caller will use: it has to be there, and a secret that stands in a file of its own is read only
// if it is needed.
//
// The error is Problems with everything that is wrong: a file that cannot be read, unknown keys, unknown variables under
// the settings' prefixes (OMARTY_HTTP_ and so on), every bad value of any source, overridden or not, and needs unmet.
func Load(file string, environ []string, needs ...Need) (Config, error) {
	d := draft{files: map[string]given{}, faulty: map[string]bool{}}
	d.apply(defaults())
	values, problems := fromFile(file)
	d.Problems = append(d.Problems, problems...)
	d.apply(values)
	variables, problems := fromEnvironment(environ)
	d.Problems = append(d.Problems, problems...)
	d.apply(variables)
	d.readFiles(needs)
	if values != nil { // else what is missing may stand in the file that was not read
		d.Problems = append(d.Problems, unmet(d.Config, needs, d.faulty)...)
	}
	if err := d.err(); err != nil {
		return Config{}, err
	}
	return d.Config, nil
}

// draft is a Config that is being loaded.
type draft struct {
	Config
	Problems
	// files are the settings that name a file with a value in it, as they were given, by the value's key.
	files map[string]given
	// faulty are the settings with a problem, by key; a file counts under the key of the value in it.
	faulty map[string]bool
}

// apply overrides earlier sources by a later one. A value and the file that holds it replace each other.
func (d *draft) apply(from source) {
	for _, s := range settings {
		g, found := from[s.Key]
		if !found {
			continue
		}
		holder, _ := settingBy(cmp.Or(s.holds, s.Key))
		if value, both := from[s.holds]; both {
			d.add("%s and %s are both set: keep one", value.place, g.place)
		}
		ok := false
		if s.holds == "" {
			delete(d.files, s.Key)
			ok = s.set(&d.Config, g.value)
		} else if _, isPath := exactText[string](g.value); isPath {
			ok = holder.set(&d.Config, nil)
			d.files[s.holds] = g
		}
		if !ok {
			d.faulty[holder.Key] = true
			d.add("%s must be %s", g.place, s.must(g))
		}
	}
}

// must says which values a setting takes, that quotes may be missing, and which value it got, unless that is secret.
func (s Setting) must(g given) string {
	isSecret := s.Secret || s.holds != ""
	takes := s.Takes
	if _, isText := g.value.(string); !isText && (isSecret || s.set(new(Config), "any text")) {
		takes += ", in quotes where YAML would read it as something else"
	}
	if isSecret {
		return takes
	}
	return takes + g.not
}

// readFiles reads the values that stand in files of their own, as far as they are needed.
func (d *draft) readFiles(needs []Need) {
	for _, s := range settings {
		file, found := d.files[s.Key]
		if !found || !needed(s.Key, needs) {
			continue
		}
		path := file.value.(string)
		content, err := ReadSmallFile(path)
		switch {
		case err != nil:
			d.add("%s: %v%s", file.place, err, howToMake(s.Key, err))
		case !s.set(&d.Config, strings.TrimRight(string(content), "\r\n")):
			d.add("%s: %q must hold %s", file.place, path, s.Takes)
		default:
			continue
		}
		d.faulty[s.Key] = true
	}
}
