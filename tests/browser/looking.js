/* How a view looks, asked from outside: each function returns what is wrong, in words. */
(() => {
    const here = () => document.querySelector('dialog[open]') ?? document.body
    const styleOf = (one) => getComputedStyle(one)
    const named = (one) => `${one.tagName.toLowerCase()}.${[...one.classList].join('.')} ${one.textContent.trim().slice(0, 40)}`
    const isOnlyHeard = (one) => {
        for (let box = one; box !== null; box = box.parentElement) if (styleOf(box).clipPath !== 'none') return true
        return false
    }
    const isSeen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isOnlyHeard(one)

    const textsIn = (root) => {
        const texts = []
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) {
            const text = walker.currentNode
            if (text.data.trim() !== '' && isSeen(text.parentElement)) texts.push(text)
        }
        return texts
    }
    const linesOf = (text) => {
        const range = document.createRange()
        range.selectNodeContents(text)
        return [...range.getClientRects()].filter(({ width }) => width > 0)
    }

    /* Colors, as [red, green, blue, alpha]. */
    const colorsIn = (css) => [...css.matchAll(/rgba?\(([^)]+)\)/g)].map(([, parts]) => {
        const [red, green, blue, alpha = 1] = parts.split(/[ ,/]+/).map(Number)
        return [red, green, blue, alpha]
    })
    const over = (front, back) => [0, 1, 2].map((nth) => front[nth] * front[3] + back[nth] * (1 - front[3])).concat(1)
    const luminance = (color) => {
        const [red, green, blue] = color.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
        return (light + 0.05) / (dark + 0.05)
    }
    /** Every color that may stand behind what is in this box: of a gradient, all that it names. */
    const groundsOf = (box) => {
        if (box === null) return [matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1]]
        const { backgroundColor, backgroundImage } = styleOf(box)
        const colors = [...colorsIn(backgroundImage), ...colorsIn(backgroundColor).filter(([, , , alpha]) => alpha > 0)]
        if (colors.length > 0 && colors.every(([, , , alpha]) => alpha === 1)) return colors
        const behind = groundsOf(box.parentElement)
        return colors.length === 0 ? behind : colors.flatMap((color) => behind.map((ground) => over(color, ground)))
    }
    const opacityOf = (one) => one === null ? 1 : Number(styleOf(one).opacity) * opacityOf(one.parentElement)
    const least = (color, grounds, opacity = 1) => Math.min(...grounds.map((ground) => {
        const [red, green, blue, alpha] = color
        return contrast(over([red, green, blue, alpha * opacity], ground), ground)
    }))

    const scrollsSideways = (one) => one === document.scrollingElement
        ? one.scrollWidth > innerWidth
        : ['auto', 'scroll'].includes(styleOf(one).overflowX) && one.scrollWidth > one.clientWidth + 1

    const cutsOff = (box, line) => {
        const { left, right, top, bottom } = box.getBoundingClientRect()
        const slack = line.height / 4  // a line of text is taller than its letters
        return line.left < left - 1 || line.right > right + 1 || line.top + slack < top || line.bottom - slack > bottom
    }
    const isCut = (one) => textsIn(one).some((text) => {
        const boxes = [one]
        for (let box = text.parentElement; box !== null && box !== document.documentElement; box = box.parentElement) {
            if (styleOf(box).webkitLineClamp !== 'none') return false  // shortened on purpose
            if (['hidden', 'clip'].includes(styleOf(box).overflowX)) boxes.push(box)
        }
        return linesOf(text).some((line) => line.left < -1 || line.right > innerWidth + 1 || boxes.some((box) => cutsOff(box, line)))
    })

    const LOOKS = {
        sideways: () => [document.scrollingElement, ...document.querySelectorAll('body *')].filter(scrollsSideways).map(named),
        cut: () => [...here().querySelectorAll('button, .button, h1, h2, h3, legend, summary')].filter(isSeen).filter(isCut).map(named),
        moving: () => document.getAnimations().filter(({ playState }) => playState === 'running')
            .map(({ animationName, transitionProperty }) => animationName ?? transitionProperty),
        unringed: () => {
            const button = [...here().querySelectorAll('button:enabled')].find(isSeen)
            if (button === undefined) return []
            const before = document.activeElement
            before?.blur()  // or one that a mouse has pressed would keep its focus unseen
            button.focus({ focusVisible: true, preventScroll: true })
            const { outlineStyle, outlineWidth, outlineColor } = styleOf(button)
            const [color] = colorsIn(outlineColor)
            const isRinged = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && least(color, groundsOf(button.parentElement)) >= 3
            button.blur()
            before?.focus({ preventScroll: true })
            return isRinged ? [] : [named(button)]
        },
        faint: () => textsIn(here())
            .filter(({ parentElement: one }) => one.closest(':disabled, [aria-disabled="true"], option, svg') === null)
            .map(({ data, parentElement: one }) => [least(colorsIn(styleOf(one).color)[0], groundsOf(one), opacityOf(one)), data.trim().slice(0, 40)])
            .filter(([ratio]) => ratio < 7).map(([ratio, words]) => `${ratio.toFixed(1)} ${words}`),
        edgeless: () => [...here().querySelectorAll('.card, .input, .bubble, .choice > span, .tile, .place, .entry > article')].filter(isSeen)
            .filter((one) => least(colorsIn(styleOf(one).borderTopColor)[0], groundsOf(one.parentElement)) < 3 && least(groundsOf(one)[0], groundsOf(one.parentElement)) < 3)
            .map(named),
        unfilled: () => document.documentElement.outerHTML.match(/.{0,40}\{\{.{0,20}/g) ?? [],
    }
    return (looks) => looks.flatMap((look) => LOOKS[look]().map((wrong) => `${look}: ${wrong}`))
})()
