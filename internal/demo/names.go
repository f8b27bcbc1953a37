package demo

import (
	"strings"

	"nghisu/internal/org"
)

// Parts of Vietnamese names. Together they make more than enough different people.
var (
	families = []string{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Mai", "Tô", "Đoàn"}
	middleM  = []string{"Văn", "Hữu", "Đức", "Quang", "Minh", "Thanh", "Quốc", "Xuân", "Công", "Đình", "Ngọc", "Trung", "Anh"}
	givenM   = []string{"Hùng", "Dũng", "Tuấn", "Sơn", "Long", "Hải", "Nam", "Thắng", "Kiên", "Hiếu", "Phúc", "Lâm", "Tùng", "Bình", "Khánh", "Duy", "Toàn"}
	middleF  = []string{"Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Thị Hồng", "Thị Kim", "Thị Minh", "Thị Bích", "Thị Phương", "Ngọc", "Thu"}
	givenF   = []string{"Hương", "Lan", "Hà", "Mai", "Linh", "Trang", "Hoa", "Yến", "Thảo", "Nga", "Hạnh", "Dung", "Vân", "Huyền", "Thủy", "Oanh", "Nhung", "Diệp", "Quyên"}
)

// names makes people's names, the same ones in every run, none twice.
type names struct {
	n    int
	used map[string]bool
}

func newNames() *names { return &names{used: map[string]bool{}} }

// take keeps a name from being made again.
func (g *names) take(name string) { g.used[name] = true }

// next makes a name; steps without common divisors with the lists run through all mixtures.
func (g *names) next() string {
	for {
		n := g.n
		g.n++
		middle, given := middleM, givenM
		if n%2 == 1 {
			middle, given = middleF, givenF
		}
		name := families[(n*7+n/20)%len(families)] + " " + middle[(n*5+n/13)%len(middle)] + " " + given[(n*3+n/17)%len(given)]
		if !g.used[name] {
			g.used[name] = true
			return name
		}
	}
}

// username is how offices name accounts: agency_nguyenvana.
func username(key, name string) string {
	return key + "_" + strings.ReplaceAll(org.Fold(name), " ", "")
}
