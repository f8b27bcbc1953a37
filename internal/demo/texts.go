package demo

import "fmt"

// Texts of the papers. Every figure is made up.
var (
	minutes = []string{
		"Hôm nay, tại Hội trường A, Ủy ban nhân dân thành phố họp phiên thường kỳ dưới sự chủ trì của đồng chí Nguyễn Hữu Thành, Chủ tịch Ủy ban nhân dân thành phố. Có mặt 18/19 thành viên.",
		"**1. Về tình hình kinh tế - xã hội", "Ủy ban nhân dân thành phố thống nhất đánh giá kết quả 10 tháng đạt khá; yêu cầu Sở Tài chính làm rõ nguyên nhân giải ngân chậm ở 6 dự án.",
		"**2. Về công tác cải cách hành chính", "Giao Văn phòng Ủy ban nhân dân thành phố rà soát thủ tục hành chính lĩnh vực đất đai, xây dựng, báo cáo tại phiên họp sau.",
		"**3. Về dự án cầu Rạch Đông", "Giao Ủy ban nhân dân các phường Bạch Đằng, Lê Lợi hoàn thành giải phóng mặt bằng trong quý IV.",
		"Phiên họp kết thúc lúc 11 giờ 20 phút cùng ngày. Biên bản đã được các thành viên nhất trí thông qua./."}
	economy = []string{
		"**I. Kết quả 11 tháng", "1. Tăng trưởng: tổng sản phẩm trên địa bàn 9 tháng tăng 8,1% so với cùng kỳ; dự ước cả năm tăng 8,4%, đạt kế hoạch.",
		"2. Thu ngân sách ước 18.476 tỷ đồng, bằng 92,4% dự toán; trong đó thu nội địa 15.920 tỷ đồng, thu từ hoạt động xuất nhập khẩu 2.556 tỷ đồng.",
		"3. Giải ngân vốn đầu tư công đạt 71,8% kế hoạch, cao hơn cùng kỳ 4,2 điểm phần trăm nhưng vẫn thấp hơn mục tiêu. Sáu dự án chậm do vướng giải phóng mặt bằng, tập trung ở khu vực ven sông Rạch Đông.",
		"4. Thương mại, dịch vụ: tổng mức bán lẻ hàng hóa tăng 10,3%; khách du lịch đạt 4,6 triệu lượt, tăng 12%.",
		"5. An sinh xã hội: giải quyết việc làm mới cho 31.200 lao động; tỷ lệ hộ nghèo giảm còn 0,42%.",
		"**II. Hạn chế, nguyên nhân", "1. Tiến độ một số công trình trọng điểm chưa đạt yêu cầu; công tác phối hợp giữa chủ đầu tư và địa phương có nơi chưa chặt chẽ.",
		"2. Tỷ lệ hồ sơ giải quyết đúng hạn ở 7 phường, xã dưới 80%, chủ yếu ở lĩnh vực đất đai.",
		"**III. Nhiệm vụ trọng tâm tháng 12", "1. Tập trung giải ngân vốn đầu tư công, phấn đấu đạt ít nhất 95% kế hoạch vào ngày 31 tháng 01 năm sau.",
		"2. Chủ động các phương án bảo đảm nguồn hàng, bình ổn giá dịp cuối năm.", "3. Hoàn thành việc sắp xếp, bố trí trụ sở dôi dư sau sắp xếp đơn vị hành chính.",
		"4. Chuẩn bị các nội dung trình kỳ họp Hội đồng nhân dân thành phố cuối năm.",
		"Sở Tài chính kính báo cáo Ủy ban nhân dân thành phố xem xét, chỉ đạo./."}
	decision = []string{"Căn cứ Luật Tổ chức chính quyền địa phương; căn cứ Luật Đầu tư công; xét đề nghị của Giám đốc Sở Tài chính tại Tờ trình số 318/TTr-STC,",
		"**QUYẾT ĐỊNH:", "Điều 1. Điều chỉnh giảm 184,6 tỷ đồng kế hoạch vốn năm 2026 của 6 dự án và điều chỉnh tăng tương ứng cho 9 dự án theo các phụ lục kèm theo.",
		"Điều 2. Giao Sở Tài chính hướng dẫn, kiểm tra việc thực hiện; các chủ đầu tư chịu trách nhiệm giải ngân toàn bộ số vốn được bổ sung.",
		"Điều 3. Chánh Văn phòng Ủy ban nhân dân thành phố, Giám đốc Sở Tài chính và Thủ trưởng các cơ quan liên quan chịu trách nhiệm thi hành Quyết định này./."}
	storm = []string{"**1. Diễn biến", "Từ 19 giờ hôm qua đến nay lượng mưa phổ biến 80 - 120 mm; mực nước sông Rạch Đông tại trạm Phú Lâm 2,45 m, dưới báo động 2 là 0,15 m.",
		"**2. Công tác đã triển khai", "Di dời 64 hộ với 231 người ở khu vực có nguy cơ sạt lở thuộc xã Phú Lâm; cắm biển cảnh báo tại 12 điểm ngập; huy động 9 máy bơm lưu động.",
		"**3. Kiến nghị", "Bố trí 41,5 tỷ đồng cho kè chống sạt lở đoạn Phú Lâm; giao Bộ Chỉ huy Quân sự thành phố bổ sung 2 xuồng cứu hộ cho các phường ven sông./."}
	week  = []string{"1. Văn bản đến 412, xử lý đúng hạn 398; văn bản đi 156, tất cả ký số và gửi điện tử.", "2. Phục vụ 9 cuộc họp của lãnh đạo Ủy ban nhân dân thành phố, trong đó 4 cuộc trực tuyến.", "3. Việc cần tập trung: rà soát thủ tục hành chính; chuẩn bị phiên họp thường kỳ./."}
	works = []string{"1. Khối lượng thi công đạt 63%, chậm 4% so với kế hoạch; trụ T3, T4 đã hoàn thành bệ cọc.", "2. Giải ngân 212/308 tỷ đồng.", "3. Vướng mắc: còn 5 hộ dân phường Bạch Đằng chưa bàn giao mặt bằng; đề nghị di dời đường dây trung thế trước ngày 15 của tháng sau./."}
)

// figures are rows of made-up figures by commune, enough for a second page.
func figures() []string {
	rows := []string{"Đơn vị tính: tỷ đồng. Thứ tự: thu ngân sách 11 tháng; chi thường xuyên; tỷ lệ so với dự toán năm."}
	for i, c := range communes {
		rows = append(rows, fmt.Sprintf("%d. UBND %s: thu %d,%d; chi %d,%d; đạt %d,%d%%.", i+1, c.name, 40+(i*37)%90, i%10, 30+(i*23)%60, (i*3)%10, 78+(i*7)%20, (i*5)%10))
	}
	return rows
}
