package auth

import "strings"

// device names a browser and system for "my sessions", from the User-Agent header: "Chrome · Windows".
func device(userAgent string) string {
	browser, system := "", ""
	for _, m := range [][2]string{{"Edg", "Edge"}, {"coc_coc", "Cốc Cốc"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(userAgent, m[0]) {
			browser = m[1]
			break
		}
	}
	for _, m := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"}} {
		if strings.Contains(userAgent, m[0]) {
			system = m[1]
			break
		}
	}
	switch {
	case browser != "" && system != "":
		return browser + " · " + system
	case browser+system != "":
		return browser + system
	}
	name, _, _ := strings.Cut(strings.ToValidUTF8(userAgent, ""), " ")
	return name[:min(len(name), 40)]
}
