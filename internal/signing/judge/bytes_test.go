package judge_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// lastBody is the newest body of an object that is written plainly.
func lastBody(file []byte, num int) string {
	head := fmt.Sprintf("\n%d 0 obj\n", num)
	i := bytes.LastIndex(file, []byte(head))
	if i < 0 {
		return ""
	}
	body, _, _ := strings.Cut(string(file[i+len(head):]), "\nendobj")
	return body
}

// fieldObject finds the newest dictionary of a field by its name.
func fieldObject(t testing.TB, file []byte, name string) (int, string) {
	t.Helper()
	mark := fmt.Appendf(nil, "/T <%x>", name)
	i := bytes.LastIndex(file, mark)
	if i < 0 {
		t.Fatalf("no field %s", name)
	}
	heads := regexp.MustCompile(`\n(\d+) 0 obj\n`).FindAllSubmatch(file[:i], -1)
	num, err := strconv.Atoi(string(heads[len(heads)-1][1]))
	if err != nil {
		t.Fatal(err)
	}
	return num, lastBody(file, num)
}

func refAfter(t testing.TB, body, key string) int {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(key) + `(\d+) 0 R`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no %s in %s", key, body)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// trailerOf repeats what the last trailer says about root and information.
func trailerOf(file []byte) string {
	root := regexp.MustCompile(`/Root (\d+ \d+ R)`).FindAllSubmatch(file, -1)
	return "/Root " + string(root[len(root)-1][1])
}
