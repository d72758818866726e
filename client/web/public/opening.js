// Runs before the page's program, in any browser, however old: if the program cannot start, the person is told so in words.
(function () {
    function tell() {
        var opening = document.getElementById('opening')
        var tooOld = document.getElementById('too-old')
        if (opening) opening.hidden = true
        if (tooOld) tooOld.hidden = false
    }
    window.addEventListener('error', tell, true)
    if (!('noModule' in document.createElement('script'))) document.addEventListener('DOMContentLoaded', tell)
})()
