"""A made-up taxonomy, cooking, sport and weather, with paragraphs written for it."""

THEMES_TOML = """
guide = 1
[title]
id = "Tema harian"
en = "Daily themes"
[[theme]]
id = "cooking"
name_id = "Masakan"
name_en = "Cooking"
definition = "Food is prepared, cooked or served."
[[theme]]
id = "sport"
name_id = "Olahraga"
name_en = "Sport"
definition = "A match, a race or training for one."
[[theme]]
id = "weather"
name_id = "Cuaca"
name_en = "Weather"
definition = "Rain, wind, heat or a forecast of them."
[aliases]
"Dapur" = "cooking"
"""

COOKING = """
Tumis bawang putih dan cabai sampai harum, lalu masukkan santan dan daun salam.
Rendang dimasak pelan selama empat jam sampai bumbunya kering dan dagingnya empuk.
Ibu menggoreng tempe yang sudah direndam bumbu ketumbar semalaman di dapur.
Adonan kue didiamkan setengah jam sebelum dipanggang dalam oven panas.
Resep soto ayam ini memakai kunyit segar, serai, dan jeruk nipis.
Kukus ikan dengan jahe dan daun bawang supaya bau amisnya hilang.
Sambal terasi diulek kasar, lalu diberi perasan jeruk limau.
Koki warung itu merebus mi, menambahkan bakso, lalu menaburkan bawang goreng.
Cuci beras dua kali, tambahkan santan, dan masak nasi uduk dengan api kecil.
Sayur asem dimasak dengan kacang panjang, labu siam, dan asam jawa.
Panggang ayam di atas bara sambil diolesi kecap dan mentega.
Bumbu gado-gado dihaluskan bersama kacang tanah goreng dan gula merah.
Didihkan air, masukkan gula aren, lalu saring untuk kuah kolak pisang.
Telur dikocok dengan garam dan irisan cabai sebelum digoreng menjadi dadar tebal.
"""
SPORT = """
Penyerang muda itu mencetak dua gol pada babak kedua pertandingan.
Pelatih menurunkan formasi bertahan setelah timnya unggul satu gol.
Ganda putri menang dua gim langsung di perempat final turnamen bulu tangkis.
Pelari maraton itu mencapai garis akhir dengan catatan waktu terbaiknya.
Kiper menepis tendangan penalti pada menit terakhir laga kandang.
Klub basket itu kalah tipis setelah lawan mencetak tiga angka beruntun.
Para atlet renang berlatih dua kali sehari menjelang kejuaraan nasional.
Wasit mengeluarkan kartu merah karena pelanggaran keras di tengah lapangan.
Petinju itu merebut sabuk juara lewat kemenangan angka dalam dua belas ronde.
Skor imbang bertahan hingga peluit panjang, dan kedua tim berbagi poin.
Tim voli menyapu bersih tiga set tanpa balas di hadapan pendukungnya.
Pembalap itu start dari posisi kelima dan naik podium pada putaran terakhir.
Pesepak bola cedera lutut itu absen dari latihan tim selama enam pekan.
Juara bertahan tersingkir di babak pertama turnamen tenis lapangan keras.
"""
WEATHER = """
Hujan lebat disertai petir diperkirakan turun di pesisir utara sore ini.
Suhu siang mencapai tiga puluh enam derajat dan udara terasa gerah.
Angin kencang merobohkan pohon, dan gelombang laut naik hingga tiga meter.
Prakiraan cuaca menyebut langit berawan dengan peluang hujan ringan malam hari.
Kabut tebal turun sejak subuh sehingga jarak pandang kurang dari lima puluh meter.
Musim kemarau tahun ini lebih panjang karena pengaruh suhu muka laut.
Gerimis membasahi kota sejak pagi, sementara suhu turun menjadi dua puluh derajat.
Badai tropis bergerak ke barat dan membawa angin berkecepatan tinggi.
Peringatan dini dikeluarkan untuk hujan es di wilayah pegunungan.
Kelembapan udara naik tajam setelah hujan semalam, kata prakirawan.
Langit cerah berawan mendominasi siang, dengan angin lemah dari tenggara.
Curah hujan bulan ini dua kali lipat dari rata-rata musimnya.
Embun beku muncul di dataran tinggi ketika suhu dini hari di bawah nol.
Awan hitam menggantung sejak siang, lalu hujan deras turun tanpa henti.
"""
NONE = """
Harga sewa rumah di pinggir kota naik sejak jalur kereta dibuka.
Perpustakaan itu menambah seribu judul buku anak pada bulan ini.
Warga mengantre untuk memperbarui kartu penduduk di kantor kecamatan.
Film pendek karya mahasiswa itu diputar di balai kota pekan lalu.
Jalan menuju pelabuhan diperbaiki dan akan ditutup selama sebulan.
Pameran lukisan menampilkan karya pelukis tua dari tiga provinsi.
Bank mengumumkan bunga tabungan baru bagi nasabah lama.
Sekolah itu menerima bantuan komputer dari alumninya.
Kapal penumpang terlambat dua jam karena mesin utamanya rusak.
Pasar tanaman hias ramai dikunjungi pembeli sejak hari libur panjang.
Museum membuka ruang baru tentang sejarah percetakan surat kabar.
Petani bunga memanen melati untuk dikirim ke pabrik teh.
Tiket konser itu habis terjual dalam waktu sepuluh menit.
Penerbit menggelar lomba menulis cerita pendek untuk pelajar.
"""


def rows() -> list[dict[str, object]]:
    """Return the paragraphs as doccano exports them: numbered, with labels by their Indonesian names."""
    named = (("Dapur", COOKING), ("Olahraga", SPORT), ("Cuaca", WEATHER), ("none", NONE))
    texts = [(text, label) for label, block in named for text in block.strip().split("\n")]
    return [{"id": n, "text": text, "label": [label], "Comments": []} for n, (text, label) in enumerate(texts, 1)]
