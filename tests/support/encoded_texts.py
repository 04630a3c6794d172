"""Short texts in many languages, and the encodings in which files of each are found."""

from __future__ import annotations

from collections.abc import Iterator

TEXTS: dict[str, tuple[str, str]] = {
    "french": (
        "Hélène Lefèvre a réparé le vieux moulin près de la rivière. L’été dernier, elle a reçu "
        "le prix de la commune : 300 €. Où vivait-elle ? À Besançon, avec son frère aîné, Noël.",
        "cp1252 iso8859-15 mac_roman cp858",
    ),
    "german": (
        "Der Wärter Jörg Müller zündet das Licht jeden Abend für die Schiffe an. Die Brücke über "
        "den Fluß kostete 2.500 Gulden. Übrigens heißt sein Sohn Günther; er ist Bäcker.",
        "cp1252 iso8859-15 mac_roman cp850 cp437",
    ),
    "spanish": (
        "La señora Núñez construyó el faro en el año 1887. ¿Quién enciende la luz? El guardián, "
        "que nació en Cádiz, sube cada mañana a la torre más alta del pueblo.",
        "cp1252 iso8859-15 mac_roman cp850",
    ),
    "portuguese": (
        "A estação de Vila Nova abriu em março. O pão da manhã não é caro, e as crianças já "
        "viajam de graça até à praia. O avô de João pôs lá três bancos.",
        "cp1252 iso8859-15 cp850",
    ),
    "italian": (
        "La città vecchia è più bella di sera. Perché il caffè costa così poco? Il sindaco "
        "abita lì da metà degli anni sessanta e non andrà via.",
        "cp1252 iso8859-15 mac_roman",
    ),
    "swedish": (
        "Fyren på ön är trettiotvå meter hög. Fyrvaktaren Åke Sjöberg tänder ljuset varje kväll, "
        "även när det snöar. Förra året kom många gäster från Malmö.",
        "cp1252 iso8859-15 cp850",
    ),
    "danish": (
        "Fyret på øen blev bygget i 1887. Søren Ågård tænder lyset hver aften, også når det "
        "blæser. Færgen sejler kun om søndagen.",
        "cp1252 iso8859-15 cp865",
    ),
    "finnish": (
        "Majakka on kolmekymmentäkaksi metriä korkea. Vartija sytyttää valon joka ilta, myös "
        "silloin kun sataa. Täällä käy kesällä paljon väkeä, ja pääsy on ilmaista.",
        "cp1252 iso8859-15",
    ),
    "icelandic": (
        "Vitinn á eyjunni var byggður árið 1887 og er þrjátíu metrar á hæð. Guðrún Þórsdóttir "
        "kveikir ljósið á hverju kvöldi, líka þegar það snjóar mikið.",
        "cp1252 iso8859-15",
    ),
    "polish": (
        "Latarnia na wyspie została zbudowana w roku 1887. Strażnik Łukasz Żółtowski zapala "
        "światło każdego wieczoru. Bilet kosztuje pięć złotych, a dzieci wchodzą za darmo. Źle?",
        "cp1250 iso8859-2 cp852",
    ),
    "czech": (
        "Maják na ostrově byl postaven v roce 1887. Strážce Jiří Dvořák rozsvěcí světlo každý "
        "večer. Vstupné stojí pět korun a děti mají vstup volný. Žádný příběh není kratší.",
        "cp1250 iso8859-2 cp852",
    ),
    "slovak": (
        "Maják na ostrove postavili v roku 1887. Strážca Ľudovít Šťastný zapaľuje svetlo každý "
        "večer. Vstup stojí päť korún, deti majú vstup voľný.",
        "cp1250 iso8859-2",
    ),
    "hungarian": (
        "A világítótorony harminckét méter magas. Az őr minden este meggyújtja a lámpát, és "
        "közben énekel. A jegy öt forint; a gyerekeknek ingyenes. Ősszel hűvös szél fúj.",
        "cp1250 iso8859-2 cp852",
    ),
    "croatian": (
        "Svjetionik na otoku sagrađen je 1887. godine. Čuvar Željko Šimić pali svjetlo svake "
        "večeri, čak i kada puše jak vjetar. Ulaznica košta pet kuna; djeca ne plaćaju ništa.",
        "cp1250 iso8859-2",
    ),
    "romanian": (
        "Farul de pe insulă a fost construit în anul 1887. Paznicul aprinde lumina în fiecare "
        "seară, chiar şi când bate vântul. Intrarea costă cinci lei, iar copiii intră gratuit.",
        "cp1250 iso8859-2",
    ),
    "turkish": (
        "İzmir’deki eski değirmen 1954 yılında yapıldı. Bekçi Ayşe Güneş her akşam ışığı yakar. "
        "Çocuklar için giriş ücretsizdir, büyükler beş lira öder. Şehir çok güzeldir.",
        "cp1254 iso8859-9 cp857",
    ),
    "lithuanian": (
        "Švyturys saloje buvo pastatytas 1887 metais. Sargas kiekvieną vakarą uždega šviesą, net "
        "kai pučia stiprus vėjas. Bilietas kainuoja penkis eurus, o vaikams įėjimas nemokamas.",
        "cp1257 iso8859-13",
    ),
    "russian": (
        "Северный маяк построен в 1887 году, его высота 32 метра. Смотритель Иван Петров "
        "зажигает огонь каждый вечер. Билет стоит 300 рублей, дети проходят бесплатно.",
        "cp1251 koi8-r iso8859-5 cp866 mac_cyrillic utf-16-le utf-16-be",
    ),
    "ukrainian": (
        "Північний маяк збудували у 1887 році, його висота 32 метри. Доглядач Іван Петренко "
        "запалює світло щовечора. Квиток коштує п’ять гривень, їхні діти заходять безкоштовно.",
        "cp1251 koi8-u",
    ),
    "greek": (
        "Ο φάρος στο νησί χτίστηκε το 1887 και έχει ύψος 32 μέτρα. Ο φύλακας ανάβει το φως κάθε "
        "βράδυ. Το εισιτήριο κοστίζει πέντε ευρώ, τα παιδιά μπαίνουν δωρεάν.",
        "cp1253 iso8859-7",
    ),
    "hebrew": (
        "המגדלור באי נבנה בשנת 1887 וגובהו 32 מטרים. השומר מדליק את האור בכל ערב. מחיר הכרטיס "
        "חמישה שקלים, והילדים נכנסים בחינם.",
        "cp1255 iso8859-8",
    ),
    "arabic": (
        "بنيت المنارة في الجزيرة عام 1887 ويبلغ ارتفاعها 32 مترا. يشعل الحارس الضوء كل مساء. ثمن "
        "التذكرة خمسة دنانير، ويدخل الأطفال مجانا.",
        "cp1256 iso8859-6 utf-16-le",
    ),
    "thai": (
        "ประภาคารบนเกาะสร้างขึ้นในปี 1887 และสูง 32 เมตร ผู้ดูแลจุดไฟทุกเย็น ตั๋วราคา 50 บาท เด็กเข้าชมฟรี",
        "cp874 utf-16-le",
    ),
    "japanese": (
        "北の灯台は1887年に建てられ、高さは32メートルです。番人の田中さんは毎晩灯をともします。"
        "入場料は500円で、子どもは無料です。",
        "shift_jis euc_jp iso2022_jp utf-16-le utf-16-be",
    ),
    "chinese": (
        "北岛灯塔建于1887年，高32米。看守人李明每天晚上点亮灯。灯塔的门票是十五元，孩子们可以"
        "免费进去看一看。",
        "gb18030 gbk utf-16-be",
    ),
    "chinese, traditional": (
        "北島燈塔建於1887年，高32米。看守人李明每天晚上點亮燈。燈塔的門票是十五元，孩子們可以"
        "免費進去看一看。",
        "big5 gb18030",
    ),
    "korean": (
        "북쪽 등대는 1887년에 지어졌고 높이는 32미터이다. 등대지기 김철수는 매일 저녁 불을 켠다. "
        "입장료는 3천 원이고 아이들은 무료이다.",
        "cp949 euc_kr",
    ),
    "english": (
        "The café on the hill is “open” until six o’clock – but only in May. It’s £5 for a meal, "
        "and the naïve young waiter, Zoë, takes no tips.",
        "cp1252 mac_roman utf-16-le utf-16-be",
    ),
}


def files() -> Iterator[tuple[str, str, bytes, str]]:
    """Language, encoding, the file's bytes, and its text, once for each encoding of a text.

    Signs that an encoding lacks are replaced as an editor would do.
    """
    plain = {"’": "'", "“": '"', "”": '"', "–": "-", "€": "EUR"}
    for language, (text, encodings) in TEXTS.items():
        for encoding in encodings.split():
            told = text
            for sign, instead in plain.items():
                if sign in told and not _holds(sign, encoding):
                    told = told.replace(sign, instead)
            yield language, encoding, told.encode(encoding), told


def _holds(sign: str, encoding: str) -> bool:
    try:
        return bool(sign.encode(encoding))
    except UnicodeEncodeError:
        return False
