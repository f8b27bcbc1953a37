package conference

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// described keeps the names of what is registered.
type described struct{ names []string }

func (d *described) Register(c prometheus.Collector) error {
	d.MustRegister(c)
	return nil
}

func (d *described) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		descs := make(chan *prometheus.Desc, 10)
		c.Describe(descs)
		close(descs)
		for desc := range descs {
			d.names = append(d.names, regexp.MustCompile(`fqName: "([^"]*)"`).FindStringSubmatch(desc.String())[1])
		}
	}
}

func (*described) Unregister(prometheus.Collector) bool { return false }

// Every figure stands in docs/metrics.md, and no other.
func TestMeters_areDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var d described
	newMeters(&d)
	if len(d.names) < 15 {
		t.Fatalf("only %v", d.names)
	}
	for _, name := range d.names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s is not documented", name)
		}
	}
	known := strings.Join(d.names, " ") + " "
	for _, name := range regexp.MustCompile("nghisu_conference_[a-z_]+").FindAllString(string(text), -1) {
		if !strings.Contains(known, name+" ") {
			t.Errorf("%s is documented and does not exist", name)
		}
	}
}
