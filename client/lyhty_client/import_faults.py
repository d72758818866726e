"""What is wrong with a file of organisations, in the words of the console; a test holds them together (SPEC 12.1)."""

from typing import Final

from lyhty_wire.organisation_desk import ImportFault

LANGUAGES: Final = ("fi", "sv", "en")

FAULTS: Final = {
    ImportFault.ENCODING: (
        "Tiedosto ei ole UTF-8-muotoa, joten ä ja ö menisivät väärin. Tallenna se: ”CSV UTF-8” tai XLSX.",
        "Filen är inte i UTF-8, så å, ä och ö skulle bli fel. Spara den som ”CSV UTF-8” eller XLSX.",
        "The file is not in UTF-8, so letters such as ä would come out wrong. Save it as “CSV UTF-8” or XLSX.",
    ),
    ImportFault.UNREADABLE: (
        "Tiedostoa ei voi lukea. Sen pitää olla CSV tai XLSX, eikä siinä saa olla salasanaa.",
        "Filen går inte att läsa. Den ska vara CSV eller XLSX och utan lösenord.",
        "The file cannot be read. It has to be CSV or XLSX, without a password.",
    ),
    ImportFault.UNPACKS_TOO_LARGE: (
        "Tiedosto on liian suuri. Poista siitä kuvat ja turhat välilehdet.",
        "Filen är för stor. Ta bort bilder och onödiga blad.",
        "The file is too large. Remove pictures and sheets that are not needed.",
    ),
    ImportFault.EMPTY: (
        "Tiedostossa ei ole yhtään riviä otsikoiden alla.",
        "Filen har inga rader under rubrikerna.",
        "The file has no rows below its header.",
    ),
    ImportFault.SHEETS_MANY: (
        "Tietoja on monella välilehdellä. Jätä vain yksi.",
        "Det finns uppgifter på flera blad. Lämna bara ett.",
        "More than one sheet has something in it. Leave only one.",
    ),
    ImportFault.ROWS_MANY: (
        "Rivejä on liikaa. Jaa tiedosto osiin.",
        "Det finns för många rader. Dela filen i delar.",
        "There are too many rows. Split the file.",
    ),
    ImportFault.COLUMN_MISSING: (
        "Tämä sarake puuttuu.",
        "Den här kolumnen saknas.",
        "This column is missing.",
    ),
    ImportFault.COLUMN_UNKNOWN: (
        "Tätä saraketta ei tunneta. Korjaa sen otsikko tai poista se.",
        "Den här kolumnen är okänd. Rätta rubriken eller ta bort den.",
        "This column is not known. Correct its header or remove it.",
    ),
    ImportFault.COLUMN_TWICE: (
        "Sama sarake on kahdesti.",
        "Samma kolumn finns två gånger.",
        "The same column is there twice.",
    ),
    ImportFault.CELL_MISSING: (
        "Tämä kohta ei saa olla tyhjä.",
        "Här får det inte vara tomt.",
        "This must not be empty.",
    ),
    ImportFault.NOT_OF_KIND: (
        "Tämä kohta ei kuulu tälle riville. Jätä se tyhjäksi.",
        "Det här hör inte till den här raden. Lämna det tomt.",
        "This does not belong in this row. Leave it empty.",
    ),
    ImportFault.FORMULA: (
        "Kaavoja ei lueta. Kirjoita tähän arvo.",
        "Formler läses inte. Skriv in värdet.",
        "Formulas are not read. Write the value.",
    ),
    ImportFault.GARBLED: (
        "Nimen kirjaimet ovat menneet väärin. Korjaa ne ja tallenna tiedosto muotoon ”CSV UTF-8”.",
        "Bokstäverna i namnet har blivit fel. Rätta dem och spara filen som ”CSV UTF-8”.",
        "The letters of the name have come out wrong. Correct them, and save the file as “CSV UTF-8”.",
    ),
    ImportFault.ID_INVALID: (
        "Tunnuksessa on vain pieniä kirjaimia a–z, numeroita ja viivoja, enintään 32 merkkiä.",
        "Ett id har bara små bokstäver a–z, siffror och bindestreck, högst 32 tecken.",
        "An id has only small letters a–z, digits and hyphens, at most 32 of them.",
    ),
    ImportFault.ID_RESERVED: (
        "Palvelu käyttää tätä tunnusta itse. Valitse toinen.",
        "Tjänsten använder själv detta id. Välj ett annat.",
        "The service itself uses this id. Choose another.",
    ),
    ImportFault.ID_ZEROS: (
        "Hyvinvointialueella on 2 numeroa, kunnalla 3, koululla 5. Jos nollat katosivat, muotoile sarake tekstiksi.",
        "Välfärdsområden har 2 siffror, kommuner 3, skolor 5. Om nollorna försvann, formatera kolumnen som text.",
        "A county has 2 digits, a municipality 3, a school 5. If the zeros have gone, format the column as text.",
    ),
    ImportFault.ID_TWICE: (
        "Sama on tiedostossa kahdesti.",
        "Samma finns två gånger i filen.",
        "The same is in the file twice.",
    ),
    ImportFault.KIND_INVALID: (
        "Lajin pitää olla hyvinvointialue, kunta, koulu tai sopimus.",
        "Slaget ska vara välfärdsområde, kommun, skola eller avtal.",
        "The kind has to be county, municipality, school or agreement.",
    ),
    ImportFault.KIND_SETTLED: (
        "Lajia ei voi muuttaa. Lisää uusi rivi toisella tunnuksella.",
        "Slaget kan inte ändras. Lägg till en ny rad med ett annat id.",
        "The kind cannot change. Add a new row with another id.",
    ),
    ImportFault.NAME_INVALID: (
        "Nimen pitää mahtua yhdelle riville, enintään 120 merkkiä.",
        "Namnet ska rymmas på en rad, högst 120 tecken.",
        "A name is one line of at most 120 letters.",
    ),
    ImportFault.NAME_TWICE: (
        "Samassa kunnassa tai alueella on jo tämän niminen. Jos se on sama, käytä sen tunnusta.",
        "Det finns redan en med detta namn på samma ställe. Om det är samma, använd dess id.",
        "One of this name is already in the same place. If it is the same, use its id.",
    ),
    ImportFault.PUPILS_INVALID: (
        "Oppilaita pitää olla 1–20 000.",
        "Antalet elever ska vara 1–20 000.",
        "The pupils have to be a number, 1 to 20,000.",
    ),
    ImportFault.GRADES_INVALID: (
        "Kirjoita luokat näin: 1–9. Esiopetus on 0. Jos siitä tuli päivä, muotoile sarake tekstiksi.",
        "Skriv årskurserna så här: 1–9. Förskolan är 0. Om det blev ett datum, formatera kolumnen som text.",
        "Write grades like this: 1–9. Preschool is 0. If it became a date, format the column as text.",
    ),
    ImportFault.DATE_INVALID: (
        "Kirjoita päivä näin: 1.8.2026 tai 2026-08-01.",
        "Skriv dagen så här: 1.8.2026 eller 2026-08-01.",
        "Write a day like this: 1.8.2026 or 2026-08-01.",
    ),
    ImportFault.PERCENT_INVALID: (
        "Osuuden pitää olla 1–100 ilman desimaaleja. Nolla poistaa sopimuksen.",
        "Andelen ska vara 1–100 utan decimaler. Noll tar bort avtalet.",
        "A share is 1 to 100 without decimals. Zero takes the agreement back.",
    ),
    ImportFault.PARENT_UNKNOWN: (
        "Tällaista tunnusta ei ole tiedostossa eikä palvelussa.",
        "Det finns inget sådant id i filen eller i tjänsten.",
        "There is no such id, neither in the file nor in the service.",
    ),
    ImportFault.PARENT_KIND: (
        "Koulu kuuluu kuntaan ja kunta hyvinvointialueeseen. Hyvinvointialueella tämä on tyhjä.",
        "En skola hör till en kommun, en kommun till ett välfärdsområde. Välfärdsområden har inget här.",
        "A school belongs to a municipality, and a municipality to a county. A county has nothing here.",
    ),
    ImportFault.PARENT_CYCLE: (
        "Tästä tulisi kehä: kukaan ei voi kuulua itseensä.",
        "Det skulle bli en cirkel: ingen kan höra till sig själv.",
        "That would be a circle: nobody can belong to itself.",
    ),
    ImportFault.PARENT_SETTLED: (
        "Koulua ei voi enää siirtää. Merkitse sille lähtöpäivä ja lisää se toisella tunnuksella.",
        "Skolan är redan med och kan inte flyttas. Ange dess sista dag och lägg till den med ett annat id.",
        "The school has joined and cannot be moved. Give it a last day, and add it with another id.",
    ),
    ImportFault.JOINED_SETTLED: (
        "Liittymispäivä on jo ollut, joten sitä ei voi muuttaa.",
        "Dagen har redan varit och kan inte ändras.",
        "That day has passed and cannot be changed.",
    ),
    ImportFault.LEFT_BEFORE_JOINED: (
        "Lähtöpäivä on ennen liittymispäivää.",
        "Sista dagen är före den första.",
        "The last day is before the first.",
    ),
    ImportFault.LEFT_WITH_OTHERS: (
        "Tämä kuuluu johonkin, joka lähtee aikaisemmin. Merkitse lähtöpäivä tällekin.",
        "Den här hör till någon som lämnar tidigare. Ange en sista dag också här.",
        "This belongs to something that leaves earlier. Give this a last day too.",
    ),
    ImportFault.ORGANISATION_UNKNOWN: (
        "Sopimuksen koulua tai kuntaa ei ole tiedostossa eikä palvelussa.",
        "Avtalets skola eller kommun finns inte i filen eller i tjänsten.",
        "The agreement is about something that is neither in the file nor in the service.",
    ),
    ImportFault.FUNDER_UNKNOWN: (
        "Maksajaa ei ole tiedostossa eikä palvelussa.",
        "Betalaren finns inte i filen eller i tjänsten.",
        "The funder is neither in the file nor in the service.",
    ),
    ImportFault.FUNDER_KIND: (
        "Koulu ei voi olla maksaja. Maksaja on kunta tai hyvinvointialue.",
        "En skola kan inte betala. Betalaren är en kommun eller ett välfärdsområde.",
        "A school cannot pay. A funder is a municipality or a county.",
    ),
    ImportFault.FUNDER_LEFT: (
        "Maksaja lähtee ennen kuin sopimus päättyy. Merkitse sopimuksen viimeinen päivä.",
        "Betalaren lämnar innan avtalet tar slut. Ange avtalets sista dag.",
        "The funder leaves before the agreement ends. Give the agreement a last day.",
    ),
    ImportFault.ENDS_BEFORE_BEGINS: (
        "Sopimus päättyy ennen kuin se alkaa.",
        "Avtalet slutar innan det börjar.",
        "The agreement ends before it begins.",
    ),
    ImportFault.SHARES: (
        "Osuuksista pitää tulla joka päivä tasan 100 %.",
        "Andelarna ska varje dag bli precis 100 %.",
        "The shares have to be exactly 100 % on every day.",
    ),
}
