package demo

import (
	"context"
	"fmt"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/internal/org"
	"nghisu/storage/postgres"
)

// topic is an agenda item with its papers.
type topic struct {
	meeting.ItemFacts
	papers []named
}

type named struct {
	name  string
	paper paper
}

// gathering is a meeting of the demo.
type gathering struct {
	facts    meeting.Facts
	chair    string
	topics   []topic
	leaders  []string // keys of agencies whose heads are invited
	yes      []string // heads who come
	no       map[string]string
	others   []seat // invited as something else than members
	convened bool
}

// seat is a person of an agency, found by a role there, and what the person is in a meeting.
type seat struct {
	key string
	who access.Role
	as  meeting.Role
}

// meetings makes the one that starts in ten minutes, one of last week, one of the next, and a conference of the
// whole city the day after tomorrow.
func (c content) meetings(ctx context.Context) error {
	secretary, err := c.actor(ctx, "vp_hoangthuha")
	if err != nil {
		return err
	}
	if err := c.nextMeeting(ctx, secretary); err != nil {
		return err
	}
	if _, err := c.meeting(ctx, c.Meetings, secretary, bridge(c.now.AddDate(0, 0, 7).Truncate(time.Hour), org.Today(c.now))); err != nil {
		return fmt.Errorf("make the meeting of next week: %w", err)
	}
	if _, err := c.meeting(ctx, c.Meetings, secretary, conferenceOfAll(org.Today(c.now).AddDate(0, 0, 2))); err != nil {
		return fmt.Errorf("make the conference: %w", err)
	}
	if err := c.pastMeeting(ctx, secretary); err != nil {
		return fmt.Errorf("make the meeting of last week: %w", err)
	}
	return nil
}

// nextMeeting is the one that starts in ten minutes.
func (c content) nextMeeting(ctx context.Context, secretary access.Actor) error {
	soon := c.now.Add(10 * time.Minute).Truncate(time.Minute)
	if _, err := c.meeting(ctx, c.Meetings, secretary, monthly(soon, org.Today(c.now))); err != nil {
		return fmt.Errorf("make the next meeting: %w", err)
	}
	return nil
}

// anotherMeeting adds a next meeting unless one goes on or begins within the hour.
func (c content) anotherMeeting(ctx context.Context) (made bool, err error) {
	var there bool
	err = c.DB.QueryRow(ctx, `select exists (select from meetings where state in ('convened', 'live') and ends_at > $1 and starts_at < $2)`,
		c.now, c.now.Add(time.Hour)).Scan(&there)
	if err != nil || there {
		return false, postgres.Translate(err)
	}
	secretary, err := c.actor(ctx, "vp_hoangthuha")
	if err != nil {
		return false, err
	}
	return true, c.nextMeeting(ctx, secretary)
}

// meeting prepares a meeting, invites, and answers for the invited.
func (c content) meeting(ctx context.Context, s *meeting.Service, secretary access.Actor, g gathering) (meeting.Meeting, error) {
	chair, err := c.actor(ctx, g.chair)
	if err != nil {
		return meeting.Meeting{}, err
	}
	g.facts.Chair, g.facts.Secretary = chair.Appointment, secretary.Appointment
	items := make([]meeting.ItemFacts, len(g.topics))
	for i, t := range g.topics {
		items[i] = t.ItemFacts
	}
	v, err := s.Create(ctx, secretary, g.facts, items)
	if err != nil {
		return meeting.Meeting{}, err
	}
	for i, t := range g.topics {
		for _, p := range t.papers {
			file, err := c.upload(ctx, secretary, p.paper, p.name+".pdf")
			if err != nil {
				return meeting.Meeting{}, err
			}
			if _, err := s.AddPaper(ctx, secretary, v.Meeting.Items[i].ID, file, p.name); err != nil {
				return meeting.Meeting{}, err
			}
		}
	}
	heads := make(map[string]access.Actor, len(g.leaders))
	invitees := make([]meeting.Invitee, 0, len(g.leaders))
	for _, key := range g.leaders {
		head, err := c.memberActor(ctx, key, access.Leader)
		if err != nil {
			return meeting.Meeting{}, err
		}
		heads[key] = head
		if head.Appointment != chair.Appointment {
			invitees = append(invitees, meeting.Invitee{Appointment: head.Appointment, Role: meeting.Member})
		}
	}
	for _, o := range g.others {
		who, err := c.memberActor(ctx, o.key, o.who)
		if err != nil {
			return meeting.Meeting{}, err
		}
		invitees = append(invitees, meeting.Invitee{Appointment: who.Appointment, Role: o.as})
	}
	if v, err = s.Invite(ctx, secretary, v.Meeting.ID, 0, invitees); err != nil || !g.convened {
		return v.Meeting, err
	}
	if v, err = s.Convene(ctx, secretary, v.Meeting.ID, 0); err != nil {
		return v.Meeting, err
	}
	return v.Meeting, c.answers(ctx, s, v.Meeting.ID, g, heads)
}

func (c content) answers(ctx context.Context, s *meeting.Service, meetingID id.Meeting, g gathering, heads map[string]access.Actor) error {
	for _, key := range g.yes {
		if _, err := s.Answer(ctx, heads[key], meetingID, meeting.Accepted, ""); err != nil {
			return err
		}
	}
	for key, reason := range g.no {
		if _, err := s.Answer(ctx, heads[key], meetingID, meeting.Declined, reason); err != nil {
			return err
		}
	}
	return nil
}

// pastMeeting is made with a clock of last week, so that its record reads as it would.
func (c content) pastMeeting(ctx context.Context, secretary access.Actor) error {
	clock := c.now.AddDate(0, 0, -8)
	s := meeting.New(meeting.Deps{DB: c.DB, Uploads: c.Uploads, Feed: c.Feed, Now: func() time.Time { return clock }})
	starts := c.now.AddDate(0, 0, -7).Truncate(time.Hour)
	m, err := c.meeting(ctx, s, secretary, weekly(starts, org.Today(starts)))
	if err != nil {
		return err
	}
	chair, err := c.actor(ctx, "vp_phamvanduc")
	if err != nil {
		return err
	}
	clock = starts.Add(2 * time.Minute)
	if _, err := s.Open(ctx, chair, m.ID, 0); err != nil {
		return err
	}
	for _, item := range m.Items {
		if _, err := s.CallItem(ctx, chair, m.ID, item.ID, 0); err != nil {
			return err
		}
		clock = clock.Add(time.Duration(item.Minutes+1) * time.Minute)
	}
	_, err = s.Close(ctx, chair, m.ID, 0)
	return err
}

func item(title string, minutes int, presenter string, papers ...named) topic {
	return topic{meeting.ItemFacts{Title: title, Minutes: minutes, Presenter: presenter}, papers}
}

// report is a paper of an agenda item: body, issued by an agency under a kind and number.
func report(kind, no string, by issuer, subject string, body []string) paper {
	return paper{over: "UBND thành phố Tân Giang", agency: by.agency, number: no, date: by.day, kind: kind, subject: subject, body: body,
		copies: []string{"UBND thành phố", "Lưu: VT"}, title: by.title, signer: by.signer}
}

// issuer is who signs a paper, and when.
type issuer struct {
	agency, title, signer string
	day                   time.Time
}

func monthly(starts, today time.Time) gathering {
	day := today.AddDate(0, 0, -3)
	return gathering{chair: "ub_nguyenhuuthanh", convened: true,
		facts: meeting.Facts{Title: fmt.Sprintf("Phiên họp thường kỳ tháng %d của UBND thành phố", int(today.Month())), StartsAt: starts, EndsAt: starts.Add(150 * time.Minute), Place: "Hội trường A", Online: true},
		topics: []topic{
			item("Thông qua chương trình, biên bản phiên họp trước", 5, "Chánh Văn phòng", named{"Biên bản phiên họp thường kỳ trước",
				report("BIÊN BẢN", "15/BB-UBND", issuer{"Văn phòng", "Thư ký", "Hoàng Thu Hà", day}, "Phiên họp thường kỳ của Ủy ban nhân dân thành phố", minutes)}),
			item("Báo cáo kinh tế - xã hội 11 tháng, nhiệm vụ tháng 12", 30, "Sở Tài chính",
				named{"Báo cáo 305/BC-STC", report("BÁO CÁO", "305/BC-STC", issuer{"Sở Tài chính", "Giám đốc", "Vũ Đình Khải", day}, "Tình hình kinh tế - xã hội 11 tháng, nhiệm vụ trọng tâm tháng 12 năm 2026", economy)},
				named{"Phụ lục số liệu theo phường, xã", report("PHỤ LỤC", "305/BC-STC", issuer{"Sở Tài chính", "Giám đốc", "Vũ Đình Khải", day}, "Số liệu thu, chi ngân sách theo phường, xã", figures())}),
			item("Điều chỉnh kế hoạch đầu tư công năm 2026 (đợt 3)", 25, "Sở Tài chính", named{"Tờ trình 318/TTr-STC", investmentProposal(today.AddDate(0, 0, -4))},
				named{"Dự thảo Quyết định", report("QUYẾT ĐỊNH", "…/QĐ-UBND", issuer{"Ủy ban nhân dân thành phố", "Chủ tịch", "Nguyễn Hữu Thành", day}, "Về việc điều chỉnh kế hoạch đầu tư công năm 2026 (đợt 3) (dự thảo)", decision)}),
			item("Phòng, chống thiên tai; ứng phó mưa lớn", 20, "Sở Nông nghiệp và Môi trường", named{"Báo cáo nhanh 412/BC-SNNMT",
				report("BÁO CÁO", "412/BC-SNNMT", issuer{"Sở Nông nghiệp và Môi trường", "Giám đốc", "Ngô Thị Bích Ngọc", day}, "Công tác ứng phó mưa lớn, ngập lụt, sạt lở ven sông Rạch Đông", storm)}),
			item("Kết quả chuyển đổi số 11 tháng, nhiệm vụ tháng 12", 25, "Sở Khoa học và Công nghệ"),
			item("Quy chế phối hợp quản lý quy hoạch", 25, "Sở Xây dựng"),
			item("Kết luận của Chủ tọa", 15, "Chủ tọa"),
		},
		leaders: []string{"vp", "stc", "sxd", "snnmt", "syt", "sgddt", "skhcn", "snv", "catp", "bchqs", "stp", "sct", "svhttdl", "ttr", "sdttg", "sngv",
			"bacthanh", "rachdong", "anbinh", "bachdang", "anhai", "leloi", "vinhphuoc", "phulam", "tanlap"},
		yes: []string{"vp", "stc", "sxd", "snnmt", "syt", "catp", "bchqs", "stp", "bacthanh", "rachdong", "bachdang", "leloi", "phulam"},
		no:  map[string]string{"snv": "Đi công tác Hà Nội theo Giấy mời số 88/GM-BNV."}}
}

func weekly(starts, day time.Time) gathering {
	return gathering{chair: "vp_phamvanduc", convened: true,
		facts: meeting.Facts{Title: "Giao ban Văn phòng UBND thành phố", StartsAt: starts, EndsAt: starts.Add(time.Hour), Place: "Phòng họp 2", Online: false},
		topics: []topic{
			item("Tình hình thực hiện nhiệm vụ tuần", 20, "Phòng Tổng hợp", named{"Báo cáo tuần", report("BÁO CÁO", "203/BC-VP", issuer{"Văn phòng", "Phó Chánh Văn phòng", "Đào Thị Thu Hường", day}, "Kết quả công tác tuần", week)}),
			item("Chuẩn bị phiên họp thường kỳ", 15, "Hoàng Thu Hà"),
			item("Kết luận", 10, "Chánh Văn phòng"),
		},
		leaders: []string{"hcc", "qd"}, yes: []string{"hcc"}}
}

func bridge(starts, day time.Time) gathering {
	return gathering{chair: "ub_nguyenhuuthanh", convened: true,
		facts: meeting.Facts{Title: "Nghe báo cáo tiến độ cầu Rạch Đông", StartsAt: starts, EndsAt: starts.Add(90 * time.Minute), Place: "Phòng họp 1", Online: true},
		topics: []topic{
			item("Tiến độ thi công và giải ngân", 30, "Ban Quản lý dự án", named{"Báo cáo tiến độ", report("BÁO CÁO", "77/BC-BQLDA", issuer{"Ban Quản lý dự án đầu tư xây dựng thành phố", "Giám đốc", "Lại Văn Khôi", day}, "Tiến độ dự án cầu Rạch Đông", works)}),
			item("Vướng mắc giải phóng mặt bằng", 30, "UBND phường Bạch Đằng"),
			item("Thảo luận, kết luận", 30, "Chủ tọa"),
		},
		leaders: []string{"bqlda", "sxd", "stc", "snnmt", "bachdang", "leloi", "rachdong"}, yes: []string{"bqlda"}}
}

// conferenceOfAll joins the hall with every district and commune as a room of its own; people speak when called.
func conferenceOfAll(day time.Time) gathering {
	starts := time.Date(day.Year(), day.Month(), day.Day(), 1, 0, 0, 0, time.UTC) // 8:00 in Vietnam
	g := gathering{chair: "ub_nguyenhuuthanh", convened: true,
		facts: meeting.Facts{Title: "Hội nghị trực tuyến toàn thành phố triển khai nhiệm vụ năm 2027", StartsAt: starts, EndsAt: starts.Add(3 * time.Hour),
			Place: "Hội trường lớn UBND thành phố và các điểm cầu", Online: true},
		topics: []topic{
			item("Khai mạc, giới thiệu đại biểu và các điểm cầu", 10, "Văn phòng UBND thành phố"),
			item("Báo cáo kết quả năm 2026, nhiệm vụ năm 2027", 40, "Sở Tài chính"),
			item("Thảo luận: ý kiến của các điểm cầu", 90, "Các quận, huyện, phường, xã"),
			item("Kết luận của Chủ tọa", 20, "Chủ tọa"),
		},
		leaders: []string{"vp", "stc", "sxd", "snnmt", "syt", "sgddt", "skhcn", "snv", "catp", "bchqs", "stp", "sct"}, yes: []string{"vp", "stc", "syt"},
		others: []seat{{"vp", access.AgencyAdmin, meeting.Hall}, {"cds", access.Specialist, meeting.Operator}, {"ttr", access.Leader, meeting.Observer}}}
	for _, d := range districts {
		if len(d.successors) == 0 {
			g.others = append(g.others, seat{d.key, access.Leader, meeting.Point})
		}
	}
	for _, c := range communes {
		g.others = append(g.others, seat{c.key, access.Leader, meeting.Point})
	}
	return g
}
