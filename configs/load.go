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
	d := draft{files: map[string]secretFile{}, faulty: map[string]bool{}}
	problems, allRead := d.apply(defaults()), true
	for _, read := range []func() (source, Problems){
		func() (source, Problems) { return fromFile(file) },
		func() (source, Problems) { return fromEnvironment(environ) },
	} {
		from, faults := read()
		problems = append(problems, faults...)
		problems = append(problems, d.apply(from)...)
		allRead = allRead && from.values != nil
	}
	problems = append(problems, d.readFiles(needs)...)
	if allRead { // else what is missing may stand in what was not read
		problems = append(problems, unmet(d.Config, needs, d.faulty)...)
		problems = append(problems, useless(d.Config, d.faulty)...)
	}
	if err := problems.err(); err != nil {
		return Config{}, err
	}
	return d.Config, nil
}

// draft is a Config in the making.
type draft struct {
	Config
	// files are those that hold a value, by the value's key.
	files map[string]secretFile
	// faulty are the settings that a problem has been told of, by key; of a file, by the key of the value in it.
	faulty map[string]bool
}

// secretFile is a file that holds a value, and the name of the setting that named it.
type secretFile struct{ path, namedBy string }

// apply lays a source over what is there. Of a value and the file that holds it, whichever it gives replaces both.
func (d *draft) apply(from source) Problems {
	var problems Problems
	for _, s := range settings {
		value, found := from.values[s.Key]
		if !found {
			continue
		}
		var ok bool
		if s.holds == "" {
			delete(d.files, s.Key)
			ok = s.set(&d.Config, value)
		} else {
			if _, both := from.values[s.holds]; both {
				holder, _ := settingBy(s.holds)
				problems.add("%s and %s are both set: keep one", from.name(holder), from.name(s))
			}
			ok = d.setFile(s, value, from.name(s))
		}
		if !ok {
			d.faulty[s.valueKey()] = true
			problems.add("%s must be %s", from.name(s), s.must(value, from))
		}
	}
	return problems
}

// setFile notes a file that holds a value, in the place of that value; false where it is no path.
func (d *draft) setFile(s setting, value any, namedBy string) bool {
	path, ok := exactText(value)
	if !ok {
		return false
	}
	holder, _ := settingBy(s.holds)
	holder.clear(&d.Config)
	d.files[holder.Key] = secretFile{path: path, namedBy: namedBy}
	return true
}

// valueKey returns the key of the setting whose value it gives: its own, or that of the value in the file it names.
func (s setting) valueKey() string { return cmp.Or(s.holds, s.Key) }

// must says which values a setting takes, why a value that looks like one is not, and what was written, unless it is secret.
func (s setting) must(value any, from source) string {
	takes := s.Takes
	if _, isText := value.(string); !isText && (s.Secret || s.holds != "" || s.exact) {
		takes += ", in quotes where YAML would read it as something else"
	}
	if s.Secret || s.holds != "" {
		return takes
	}
	written, known := from.written[s.Key]
	return takes + notValue(written, known)
}

// readFiles reads the values that stand in files of their own, as far as they are needed.
func (d *draft) readFiles(needs []Need) Problems {
	var problems Problems
	for _, s := range settings {
		file, found := d.files[s.Key]
		if !found || !needed(s.Key, needs) {
			continue
		}
		content, err := ReadSmallFile(file.path)
		switch {
		case err != nil:
			problems.add("%s: %v%s", file.namedBy, err, howToMake(s.Key, err))
		case !s.set(&d.Config, strings.TrimRight(string(content), "\r\n")):
			problems.add("%s: %q must hold %s", file.namedBy, file.path, s.Takes)
		default:
			continue
		}
		d.faulty[s.Key] = true
	}
	return problems
}
