package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Markdown is the documentation of all settings, one table row each.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Configuration\n\nMade from `internal/config` by `make gen`; do not edit by hand. Every setting is a flag of `nghisu serve`\n" +
		"and an environment variable; the flag wins. Secrets are better given as files.\n\n" +
		"| flag | environment | default | meaning |\n|---|---|---|---|\n")
	for _, s := range Settings() {
		value := s.Default
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `--%s` | `%s` | %s | %s |\n", s.Flag, s.Env, value, s.Help)
	}
	return b.String()
}

// Setting is one line of the documentation.
type Setting struct{ Flag, Env, Default, Help string }

// Settings lists all settings in the order of the struct.
func Settings() []Setting { return fields(reflect.TypeFor[Server]()) }

func fields(t reflect.Type) []Setting {
	var list []Setting
	for f := range t.Fields() {
		if _, embedded := f.Tag.Lookup("embed"); embedded {
			list = append(list, fields(f.Type)...)
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		list = append(list, Setting{Flag: name, Env: f.Tag.Get("env"), Default: f.Tag.Get("default"), Help: f.Tag.Get("help")})
	}
	return list
}
